// What is no conversation: embeddings at OpenAI and at Google, audio and images at OpenAI.
// The simulator plays models that talk, so these providers are played here, as the vendors
// document their wires.
import assert from 'node:assert/strict'
import http from 'node:http'
import OpenAI, { toFile } from 'openai'
import { GoogleGenAI } from '@google/genai'
import { OpenRouter } from '@openrouter/sdk'
import { OpenAIEmbeddings } from '@langchain/openai'

const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const vector = text => [text.length, 0.5, -0.25]

// provide listens on a free port of the loopback. The caller closes it.
export function provide() {
  const server = http.createServer((q, r) => {
    const pieces = []
    q.on('data', b => pieces.push(b))
    q.on('end', () => {
      const body = Buffer.concat(pieces)
      const json = v => { r.setHeader('Content-Type', 'application/json'); r.end(JSON.stringify(v)) }
      try { serve(q.url.replace(/\?.*/, ''), body, r, json) } catch (e) { r.statusCode = 500; json({ error: { message: String(e) } }) }
    })
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({ at: `http://127.0.0.1:${server.address().port}`, close: () => server.close() })))
}

function serve(path, body, r, json) {
  switch (path) {
    case '/v1/embeddings': {
      const q = JSON.parse(body)
      const coded = v => q.encoding_format === 'base64' ? Buffer.from(new Float32Array(v).buffer).toString('base64') : v
      return json({ object: 'list', model: q.model, data: [q.input].flat().map((t, index) => ({ object: 'embedding', index, embedding: coded(vector(t)) })), usage: { prompt_tokens: 7, total_tokens: 7 } })
    }
    case '/v1beta/models/m:embedContent':
      return json({ embedding: { values: vector(JSON.parse(body).content.parts[0].text) }, usageMetadata: { promptTokenCount: 7 } })
    case '/v1beta/models/m:batchEmbedContents':
      return json({ embeddings: JSON.parse(body).requests.map(x => ({ values: vector(x.content.parts[0].text) })), usageMetadata: { promptTokenCount: 7 } })
    case '/v1/audio/speech':
      r.setHeader('Content-Type', 'audio/mpeg')
      return r.end(Buffer.from('ID3 ' + JSON.parse(body).input))
    case '/v1/audio/transcriptions':
      assert.ok(body.includes('ID3 sound') && body.includes('name="model"'), 'the form')
      return json({ text: 'what was said', usage: { type: 'duration', seconds: 2 } })
    case '/v1/images/generations':
      return json({ created: 1, data: [{ b64_json: picture }], usage: { input_tokens: 5, output_tokens: 9, total_tokens: 14, input_tokens_details: { text_tokens: 5, image_tokens: 0 } } })
    case '/v1/images/edits':
      assert.ok(body.includes('name="prompt"'), 'the form')
      return json({ created: 1, data: [{ b64_json: picture }], usage: { input_tokens: 5, output_tokens: 9, total_tokens: 14, input_tokens_details: { text_tokens: 5, image_tokens: 0 } } })
  }
  r.statusCode = 404
  json({ error: { message: 'no such path: ' + path } })
}

// config is the gateway's, for providers at an address.
export const config = at => ({
  providers: `  - {slug: sim-services, name: Sim services, protocol: openai.embeddings, also: [openai.audio-speech, openai.audio-transcriptions, openai.images], base_url: "${at}/v1"}
  - {slug: sim-vectors, name: Sim vectors, protocol: gemini.embedContent, base_url: "${at}"}`,
  models: [['embed-gpt', 'services', 'text', 'embeddings'], ['embed-gemini', 'vectors', 'text', 'embeddings'], ['speak-gpt', 'services', 'text', 'speech'], ['hear-gpt', 'services', 'audio', 'transcription'], ['draw-gpt', 'services', 'text, image', 'image']]
    .map(([slug, provider, input, output]) => `  - slug: sim/${slug}
    input_modalities: [${input}]
    output_modalities: [${output}]
    endpoints: [{provider: sim-${provider}, upstream_model: m, price: {prompt: "1", completion: "2"}}]`).join('\n'),
})

const of = (what, m) => `sim/${what}-${m.slice('sim/'.length)}`

function openaiEmbeddings(at, key) {
  const { embeddings } = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 })
  return {
    async 'as base64, which is this SDK\'s default'(m) { const r = await embeddings.create({ model: of('embed', m), input: ['Hello', 'Hi'] }); assert.deepEqual(r.data.map(d => [...d.embedding]), [vector('Hello'), vector('Hi')]); assert.ok(r.usage.prompt_tokens > 0) },
    async floats(m) { const r = await embeddings.create({ model: of('embed', m), input: 'Hello', encoding_format: 'float' }); assert.deepEqual(r.data[0].embedding, vector('Hello')) },
    async errors(m) { await assert.rejects(embeddings.create({ model: m, input: 'Hello' }), e => e.status >= 400 && e.status < 500 && !!e.message) },
  }
}

function googleEmbeddings(at, key) {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: at } })
  return { async embedContent(m) { const r = await client.models.embedContent({ model: of('embed', m), contents: ['Hello', 'Hi'] }); assert.deepEqual(r.embeddings.map(e => e.values), [vector('Hello'), vector('Hi')]) } }
}

function openrouterEmbeddings(at, key) {
  const client = new OpenRouter({ serverURL: at + '/api/v1', apiKey: key })
  return { async generate(m) { const r = await client.embeddings.generate({ requestBody: { model: of('embed', m), input: 'Hello' } }); assert.deepEqual(r.data[0].embedding, vector('Hello')) } }
}

function langchainEmbeddings(at, key) {
  const e = m => new OpenAIEmbeddings({ model: of('embed', m), apiKey: key, maxRetries: 0, configuration: { baseURL: at + '/v1' } })
  return { async embedDocuments(m) { assert.deepEqual((await e(m).embedDocuments(['Hello', 'Hi'])).map(v => [...v]), [vector('Hello'), vector('Hi')]) } }
}

function openaiMedia(at, key) {
  const client = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 })
  return {
    async speech(m) { const r = await client.audio.speech.create({ model: of('speak', m), voice: 'alloy', input: 'sound' }); assert.equal(Buffer.from(await r.arrayBuffer()).toString(), 'ID3 sound') },
    async transcription(m) { const r = await client.audio.transcriptions.create({ model: of('hear', m), file: await toFile(Buffer.from('ID3 sound'), 'a.mp3') }); assert.equal(r.text, 'what was said') },
    async image(m) { const r = await client.images.generate({ model: of('draw', m), prompt: 'A dot' }); assert.equal(r.data[0].b64_json, picture) },
    async 'edited image'(m) { const r = await client.images.edit({ model: of('draw', m), prompt: 'A dot', image: await toFile(Buffer.from(picture, 'base64'), 'a.png', { type: 'image/png' }) }); assert.equal(r.data[0].b64_json, picture) },
  }
}

const vendors = ['sim/gpt', 'sim/gemini'] // who has embeddings
export const services = [
  ['openai', 'embeddings', openaiEmbeddings, vendors], ['@google/genai', 'embeddings', googleEmbeddings, vendors],
  ['@openrouter/sdk', 'embeddings', openrouterEmbeddings, vendors], ['@langchain/openai', 'embeddings', langchainEmbeddings, vendors],
  ['openai', 'audio and images', openaiMedia, ['sim/gpt']],
]

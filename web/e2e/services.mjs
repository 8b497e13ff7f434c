// A provider of what the demo providers do not do, on OpenAI's wire: embeddings, pictures, speech, transcripts. Texts
// that share words have vectors that are near; pictures are one colour; sound is a tone.
import http from 'node:http'
import { deflateSync } from 'node:zlib'

/**
 * Listens on a free port of the loopback. `state.fail` makes the next answers errors, `state.wait` (ms) makes
 * them late, `state.hostile` is a text that stands wherever an answer has room for one, a picture and a sound too.
 */
export async function startServices() {
  const state = { fail: false, wait: 0, hostile: '' }
  const server = http.createServer((request, response) => {
    const pieces = []
    request.on('data', (b) => pieces.push(b))
    request.on('end', () => setTimeout(() => serve(request.url, Buffer.concat(pieces), response, state), state.wait))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  return { state, config: config(url), stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) }
}

const config = (url) => `
providers:
  - {slug: bench, name: Bench, protocol: openai.embeddings, also: [openai.audio-speech, openai.audio-transcriptions, openai.images], base_url: "${url}/v1"}
models:
${[['vectors', 'Bench Vectors', 'text', 'embeddings'], ['painter', 'Bench Painter', 'text, image', 'image'], ['speaker', 'Bench Speaker', 'text', 'speech'], ['listener', 'Bench Listener', 'audio', 'transcription']]
  .map(
    ([slug, name, input, output]) => `  - slug: bench/${slug}
    name: ${name}
    input_modalities: [${input}]
    output_modalities: [${output}]
    endpoints: [{provider: bench, upstream_model: ${slug}, price: {prompt: "1", completion: "2"}}]`,
  )
  .join('\n')}
`

function serve(path, body, response, { fail, hostile }) {
  const json = (value, status = 200) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
  if (fail) return json({ error: { message: hostile || 'The bench is out of order', type: 'invalid_request_error' } }, 400)
  switch (path) {
    case '/v1/embeddings': {
      const { input, dimensions = 64, encoding_format } = JSON.parse(body)
      const coded = (v) => (encoding_format === 'base64' ? Buffer.from(new Float32Array(v).buffer).toString('base64') : v)
      const data = [input].flat().map((text, index) => ({ object: 'embedding', index, embedding: coded(vector(text, dimensions)) }))
      return json({ object: 'list', model: hostile || 'vectors', data, usage: { prompt_tokens: 42, total_tokens: 42 } })
    }
    case '/v1/images/generations': {
      const { n = 1 } = JSON.parse(body)
      const picture = (i) => (hostile ? { b64_json: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${hostile}</svg>`).toString('base64'), media_type: 'image/svg+xml', revised_prompt: hostile } : { b64_json: png(64, [60 + 50 * i, 120, 200 - 40 * i]).toString('base64') })
      return json({ created: 1, data: Array.from({ length: n }, (_, i) => picture(i)), usage: { input_tokens: 5, output_tokens: 900, total_tokens: 905, input_tokens_details: { text_tokens: 5, image_tokens: 0 } } })
    }
    case '/v1/audio/speech':
      return hostile ? response.writeHead(200, { 'Content-Type': 'text/html' }).end(hostile) : response.writeHead(200, { 'Content-Type': 'audio/wav' }).end(wav(1))
    case '/v1/audio/transcriptions':
      return json({ text: hostile || `What was said in ${/filename="([^"]+)"/.exec(body.toString('latin1'))?.[1]}.`, usage: { type: 'duration', seconds: 2 } })
  }
  json({ error: { message: `no such path: ${path}` } }, 404)
}

/** Counts a text's words into as many places as there are dimensions. */
function vector(text, dimensions) {
  const v = Array(dimensions).fill(0.05)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) v[[...word].reduce((h, c) => (h * 31 + c.codePointAt(0)) % 9973, 7) % dimensions] += 1
  return v
}

/** A square picture of one colour. */
function png(size, colour) {
  const rows = Buffer.concat(Array.from({ length: size }, () => Buffer.from([0, ...Array(size).fill(colour).flat()])))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(name, data) {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  const named = Buffer.concat([Buffer.from(name), data])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc(named))
  return Buffer.concat([head, named, sum])
}

function crc(data) {
  let c = 0xffffffff
  for (const byte of data) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return (c ^ 0xffffffff) >>> 0
}

/** Seconds of a tone of 440 Hz, as PCM at 8 kHz. */
export function wav(seconds) {
  const n = 8000 * seconds
  const b = Buffer.alloc(44 + n * 2)
  b.write('RIFF', 0)
  b.writeUInt32LE(36 + n * 2, 4)
  b.write('WAVEfmt ', 8)
  b.writeUInt32LE(16, 16)
  b.writeUInt16LE(1, 20)
  b.writeUInt16LE(1, 22)
  b.writeUInt32LE(8000, 24)
  b.writeUInt32LE(16000, 28)
  b.writeUInt16LE(2, 32)
  b.writeUInt16LE(16, 34)
  b.write('data', 36)
  b.writeUInt32LE(n * 2, 40)
  for (let i = 0; i < n; i++) b.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / 8000)), 44 + i * 2)
  return b
}

// What each SDK is asked to do, unmodified, by base URL and key alone. A case throws when
// the answer is not what its vendor's own service would give.
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { OpenRouter } from '@openrouter/sdk'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { generateText, streamText, generateObject, tool } from 'ai'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const person = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'], additionalProperties: false }
const place = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const asksTool = 'What is the weather in Paris? Use get_weather.'
const long = 'Tell me a long story. [[sim:words=4000,pause=5ms]]'

function fits(text) {
  const v = JSON.parse(text)
  assert.equal(typeof v.name, 'string')
  assert.ok(Number.isInteger(v.age))
}

// fails runs f, which must fail with one of the statuses.
async function fails(f, ...statuses) {
  try { await f() } catch (e) {
    const status = e.status ?? e.statusCode ?? e.code ?? e.lc_error_code
    assert.ok(statuses.includes(Number(status)), `status ${status}: ${e.message}`)
    return
  }
  assert.fail('no error')
}

// leaves reads a little of a stream, then aborts it: the provider must see its client leave.
async function leaves(sim, start) {
  const c = new AbortController()
  const before = (await sim.lines()).length
  let seen = 0
  try {
    for await (const _ of await start(c.signal)) if (++seen === 3) { c.abort(); break }
  } catch (e) { if (!c.signal.aborted) throw e }
  assert.ok(seen >= 3, `${seen} events`)
  for (const end = Date.now() + 5000; ;) {
    const l = (await sim.lines())[before]
    if (l) { assert.equal(l.broke, 'client left', 'what the provider saw'); return }
    assert.ok(Date.now() < end, 'the provider goes on without its client')
    await new Promise(r => setTimeout(r, 20))
  }
}

// breaks reads a stream that ends with an error inside: the client must be told.
async function breaks(read) {
  let seen
  try { seen = await read('Hello [[sim:error-event=2]]') } catch (e) { assert.ok(!/^AssertionError/.test(e.name), e.message); return }
  assert.fail(`a broken stream ended as if it were whole: ${JSON.stringify(seen)}`)
}

// drain reads a stream to its end and gives its events.
async function drain(stream) {
  const out = []
  for await (const e of await stream) out.push(e)
  return out
}

// again asks through a client that may retry once: a provider that is busy for a moment is
// not noticed.
async function again(sim, m, ask) {
  await sim.fault(m, 'status=429,retry-after=1')
  const before = (await sim.lines()).length
  await ask()
  assert.deepEqual((await sim.lines()).slice(before).map(l => l.status), [429, 200])
}

// same holds what a client was told of usage to what the provider wrote on its invoice.
async function same(sim, prompt, output) {
  const l = (await sim.lines()).at(-1)
  assert.deepEqual([prompt, output], [l.prompt_tokens, l.output_tokens], 'prompt and output tokens, and what the provider counted')
}

function openaiChat(at, key, sim) {
  const client = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 })
  const ask = (model, content, more = {}, o) => client.chat.completions.create({ model, messages: [{ role: 'user', content }], ...more }, o)
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'weather', parameters: place } }]
  return {
    async simple(m) { const r = await ask(m, 'Hello'); assert.ok(r.choices[0].message.content); await same(sim, r.usage.prompt_tokens, r.usage.completion_tokens) },
    async streamed(m) {
      let text = '', usage
      for await (const c of await ask(m, 'Hello', { stream: true, stream_options: { include_usage: true } })) { text += c.choices[0]?.delta?.content ?? ''; usage = c.usage ?? usage }
      assert.ok(text); await same(sim, usage.prompt_tokens, usage.completion_tokens)
    },
    async tools(m) {
      const s = client.chat.completions.stream({ model: m, messages: [{ role: 'user', content: asksTool }], tools })
      const r = (await s.finalChatCompletion()).choices[0].message
      assert.equal(r.tool_calls[0].function.name, 'get_weather'); JSON.parse(r.tool_calls[0].function.arguments)
      const next = await client.chat.completions.create({ model: m, tools, messages: [{ role: 'user', content: asksTool }, r, { role: 'tool', tool_call_id: r.tool_calls[0].id, content: 'sunny' }] })
      assert.ok(next.choices[0].message.content)
    },
    async structured(m) { const r = await ask(m, 'Who is "Ada"?', { response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: person } } }); fits(r.choices[0].message.content) },
    async vision(m) { assert.ok((await ask(m, [{ type: 'text', text: 'What is it?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,' + pixel } }])).choices[0].message.content) },
    async thinking(m) { const r = await ask(m, 'Think.', { reasoning_effort: 'low' }); assert.ok(r.choices[0].message.reasoning || r.usage.completion_tokens_details.reasoning_tokens > 0) },
    async errors(m) { await fails(() => ask('no/such', 'Hello'), 404, 400); await fails(() => ask(m, 'Hello', { temperature: 9 }), 400); await fails(() => new OpenAI({ baseURL: at + '/v1', apiKey: 'x', maxRetries: 0 }).chat.completions.create({ model: m, messages: [{ role: 'user', content: 'Hello' }] }), 401) },
    async abort(m) { await leaves(sim, signal => ask(m, long, { stream: true }, { signal })) },
    async broken(m) { await breaks(t => drain(ask(m, t, { stream: true }))) },
    async retry(m) { await again(sim, m, () => ask(m, 'Hello', {}, { maxRetries: 1 })) },
  }
}

function openaiResponses(at, key, sim) {
  const client = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 })
  const ask = (model, input, more = {}, o) => client.responses.create({ model, input, ...more }, o)
  const tools = [{ type: 'function', name: 'get_weather', parameters: place, strict: true }]
  return {
    async simple(m) { const r = await ask(m, 'Hello'); assert.ok(r.output_text); assert.equal(r.status, 'completed') },
    async streamed(m) { const s = client.responses.stream({ model: m, input: 'Hello' }); const r = await s.finalResponse(); assert.ok(r.output_text); await same(sim, r.usage.input_tokens, r.usage.output_tokens) },
    async tools(m) {
      const s = client.responses.stream({ model: m, input: asksTool, tools })
      const r = await s.finalResponse()
      const call = r.output.find(i => i.type === 'function_call')
      assert.equal(call.name, 'get_weather'); JSON.parse(call.arguments)
      const next = await ask(m, [{ role: 'user', content: asksTool }, ...r.output, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }], { tools })
      assert.ok(next.output_text)
    },
    async structured(m) { fits((await ask(m, 'Who is "Ada"?', { text: { format: { type: 'json_schema', name: 'person', strict: true, schema: person } } })).output_text) },
    async vision(m) { assert.ok((await ask(m, [{ role: 'user', content: [{ type: 'input_text', text: 'What is it?' }, { type: 'input_image', image_url: 'data:image/png;base64,' + pixel, detail: 'auto' }] }])).output_text) },
    async thinking(m) { const r = await ask(m, 'Think.', { reasoning: { effort: 'low', summary: 'auto' } }); assert.ok(r.usage.output_tokens_details.reasoning_tokens > 0 || r.output.some(i => i.type === 'reasoning')) },
    async errors(m) { await fails(() => ask('no/such', 'Hello'), 404, 400); await fails(() => ask(m, 'Hello', { previous_response_id: 'resp_1' }), 400) },
    async 'thinking with tools'(m) {
      const more = { tools, reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'], store: false }
      const r = await ask(m, asksTool, more)
      const call = r.output.find(i => i.type === 'function_call')
      assert.ok(r.output.some(i => i.type === 'reasoning' && i.encrypted_content), 'encrypted reasoning')
      const next = await ask(m, [{ role: 'user', content: asksTool }, ...r.output, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }], more)
      assert.ok(next.output_text)
    },
    async abort(m) { await leaves(sim, signal => ask(m, long, { stream: true }, { signal })) },
    // a response that failed is an object which says so
    async broken(m) { await breaks(async t => { const r = await client.responses.stream({ model: m, input: t }).finalResponse(); if (r.status === 'failed' && r.error?.message) throw new Error(r.error.message); return r }) },
    async retry(m) { await again(sim, m, () => ask(m, 'Hello', {}, { maxRetries: 1 })) },
  }
}

function openaiRest(at, key) {
  const client = new OpenAI({ baseURL: at + '/v1', apiKey: key, maxRetries: 0 })
  return {
    async models() { const l = []; for await (const m of client.models.list()) l.push(m.id); assert.ok(l.length >= 3) },
    async completions(m) { const r = await client.completions.create({ model: m, prompt: 'Once upon', max_tokens: 50 }); assert.ok(r.choices[0].text) },
  }
}

function anthropic(at, key, sim) {
  const client = new Anthropic({ baseURL: at, apiKey: key, maxRetries: 0 })
  const ask = (model, content, more = {}, o) => client.messages.create({ model, max_tokens: 4000, messages: [{ role: 'user', content }], ...more }, o)
  const tools = [{ name: 'get_weather', description: 'weather', input_schema: place }]
  const text = r => r.content.filter(b => b.type === 'text').map(b => b.text).join('')
  return {
    async simple(m) { const r = await ask(m, 'Hello'); assert.ok(text(r)); assert.equal(r.stop_reason, 'end_turn') },
    async streamed(m) { const r = await client.messages.stream({ model: m, max_tokens: 1000, messages: [{ role: 'user', content: 'Hello' }] }).finalMessage(); assert.ok(text(r)); await same(sim, r.usage.input_tokens + (r.usage.cache_read_input_tokens ?? 0) + (r.usage.cache_creation_input_tokens ?? 0), r.usage.output_tokens); assert.equal(r.model, m) },
    async tools(m) {
      const r = await client.messages.stream({ model: m, max_tokens: 1000, tools, messages: [{ role: 'user', content: asksTool }] }).finalMessage()
      const call = r.content.find(b => b.type === 'tool_use')
      assert.equal(call.name, 'get_weather'); assert.equal(r.stop_reason, 'tool_use')
      const next = await client.messages.create({ model: m, max_tokens: 1000, tools, messages: [{ role: 'user', content: asksTool }, { role: 'assistant', content: r.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }] })
      assert.ok(text(next))
    },
    async structured(m) { fits(text(await ask(m, 'Who is "Ada"?', { output_config: { format: { type: 'json_schema', schema: person } } }))) },
    async vision(m) { assert.ok(text(await ask(m, [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } }, { type: 'text', text: 'What is it?' }]))) },
    async thinking(m) { const r = await ask(m, 'Think.', { thinking: { type: 'enabled', budget_tokens: 1024 } }); assert.ok(r.content.some(b => b.type === 'thinking') || r.usage.output_tokens_details?.thinking_tokens > 0, JSON.stringify(r)) },
    async 'thinking with tools'(m) {
      const more = { tools, thinking: { type: 'enabled', budget_tokens: 1024 } }
      const r = await ask(m, asksTool, more)
      const call = r.content.find(b => b.type === 'tool_use')
      assert.ok(r.content.some(b => b.type === 'thinking' && b.signature || b.type === 'redacted_thinking') || m === 'sim/gpt', JSON.stringify(r.content))
      const next = await client.messages.create({ model: m, max_tokens: 4000, ...more, messages: [{ role: 'user', content: asksTool }, { role: 'assistant', content: r.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }] })
      assert.ok(text(next))
    },
    async errors(m) {
      await fails(() => ask('no/such', 'Hello'), 404, 400); await fails(() => ask(m, 'Hello', { max_tokens: -1 }), 400)
      await assert.rejects(new Anthropic({ baseURL: at, apiKey: 'x', maxRetries: 0 }).messages.create({ model: m, max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }), e => e.status === 401 && e.error.error.type === 'authentication_error')
    },
    async broken(m) { await breaks(t => client.messages.stream({ model: m, max_tokens: 1000, messages: [{ role: 'user', content: t }] }).finalMessage()) },
    async retry(m) { await again(sim, m, () => ask(m, 'Hello', {}, { maxRetries: 1 })) },
    async models(m) { const l = []; for await (const x of client.models.list()) l.push(x.id); assert.ok(l.includes(m), l.join()) },
    async bearer(m) { assert.ok(text(await new Anthropic({ baseURL: at + '/api', authToken: key, apiKey: null, maxRetries: 0 }).messages.create({ model: m, max_tokens: 1000, messages: [{ role: 'user', content: 'Hello' }] }))) },
    async abort(m) { await leaves(sim, signal => ask(m, long, { stream: true }, { signal })) },
    async counts(m) { assert.ok((await client.messages.countTokens({ model: m, messages: [{ role: 'user', content: 'Hello' }] })).input_tokens > 0) },
  }
}

function google(at, key, sim) {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: at } })
  const ask = (model, contents, config = {}) => client.models.generateContent({ model, contents, config })
  const tools = [{ functionDeclarations: [{ name: 'get_weather', description: 'weather', parametersJsonSchema: place }] }]
  return {
    async simple(m) { const r = await ask(m, 'Hello'); assert.ok(r.text); const u = r.usageMetadata; await same(sim, u.promptTokenCount, u.totalTokenCount - u.promptTokenCount) },
    async streamed(m) { let t = ''; for await (const c of await client.models.generateContentStream({ model: m, contents: 'Hello' })) t += c.text ?? ''; assert.ok(t) },
    async tools(m) {
      const r = await ask(m, asksTool, { tools })
      assert.equal(r.functionCalls[0].name, 'get_weather')
      const next = await ask(m, [{ role: 'user', parts: [{ text: asksTool }] }, r.candidates[0].content, { role: 'user', parts: [{ functionResponse: { id: r.functionCalls[0].id, name: 'get_weather', response: { output: 'sunny' } } }] }], { tools })
      assert.ok(next.text)
    },
    async structured(m) { fits((await ask(m, 'Who is "Ada"?', { responseMimeType: 'application/json', responseJsonSchema: person })).text) },
    async vision(m) { assert.ok((await ask(m, [{ inlineData: { mimeType: 'image/png', data: pixel } }, { text: 'What is it?' }])).text) },
    async thinking(m) { const r = await ask(m, 'Think.', { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } }); assert.ok(r.candidates[0].content.parts.some(p => p.thought) || r.usageMetadata.thoughtsTokenCount > 0, JSON.stringify(r)) },
    async 'thinking with tools'(m) {
      const config = { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } }
      const r = await ask(m, asksTool, config)
      const next = await ask(m, [{ role: 'user', parts: [{ text: asksTool }] }, r.candidates[0].content, { role: 'user', parts: [{ functionResponse: { id: r.functionCalls[0].id, name: 'get_weather', response: { output: 'sunny' } } }] }], config)
      assert.ok(next.text)
    },
    async errors(m) {
      await fails(() => ask('no/such', 'Hello'), 404, 400); await fails(() => ask(m, 'Hello', { temperature: 9 }), 400)
      await fails(() => new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: at } }).models.generateContent({ model: m, contents: 'Hello' }), 400, 401)
    },
    async broken(m) { await breaks(async t => drain(await client.models.generateContentStream({ model: m, contents: t }))) },
    async models(m) { const l = []; for await (const x of await client.models.list()) l.push(x.name); assert.ok(l.some(n => n === 'models/' + m), l.join()) },
    async abort(m) { await leaves(sim, abortSignal => client.models.generateContentStream({ model: m, contents: long, config: { abortSignal } })) },
    async counts(m) { assert.ok((await client.models.countTokens({ model: m, contents: 'Hello' })).totalTokens > 0) },
  }
}

function openrouter(at, key, sim) {
  const client = new OpenRouter({ serverURL: at + '/api/v1', apiKey: key })
  const send = (model, content, more = {}, o) => client.chat.send({ chatRequest: { model, messages: [{ role: 'user', content }], ...more } }, o)
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters: place } }]
  return {
    async simple(m) { assert.ok((await send(m, 'Hello')).choices[0].message.content) },
    async streamed(m) { let t = ''; for await (const c of await send(m, 'Hello', { stream: true })) t += c.choices[0]?.delta?.content ?? ''; assert.ok(t) },
    async tools(m) { const r = await send(m, asksTool, { tools }); assert.equal(r.choices[0].message.toolCalls[0].function.name, 'get_weather') },
    async structured(m) { fits((await send(m, 'Who is "Ada"?', { responseFormat: { type: 'json_schema', jsonSchema: { name: 'person', strict: true, schema: person } } })).choices[0].message.content) },
    async vision(m) { assert.ok((await send(m, [{ type: 'text', text: 'What is it?' }, { type: 'image_url', imageUrl: { url: 'data:image/png;base64,' + pixel } }])).choices[0].message.content) },
    async thinking(m) { const r = await send(m, 'Think.', { reasoning: { effort: 'low' } }); assert.ok(r.choices[0].message.reasoning || r.usage.completionTokensDetails.reasoningTokens > 0) },
    async errors(m) { await fails(() => send('no/such', 'Hello'), 404, 400) },
    async broken(m) { await breaks(async t => { const all = await drain(await send(m, t, { stream: true })); const e = all.find(c => c.error); if (e) { assert.equal(typeof e.error.code, 'number'); throw new Error(e.error.message) } return all.length }) },
    async abort(m) { await leaves(sim, signal => send(m, long, { stream: true }, { fetchOptions: { signal } })) },
    async models(m) { const l = []; for await (const p of await client.models.list()) l.push(...p.result.data.map(x => x.id)); assert.ok(l.includes(m), l.join()) },
    async responses(m) { const r = await client.beta.responses.send({ responsesRequest: { model: m, input: 'Hello' } }); assert.equal(r.status, 'completed') },
  }
}

function aiSDK(at, key, sim) {
  const provider = createOpenRouter({ baseURL: at + '/api/v1', apiKey: key })
  const model = m => provider.chat(m)
  const tools = { get_weather: tool({ description: 'weather', inputSchema: z.object({ city: z.string() }), execute: async () => 'sunny' }) }
  return {
    async simple(m) { assert.ok((await generateText({ model: model(m), prompt: 'Hello', maxRetries: 0 })).text) },
    async streamed(m) { const s = streamText({ model: model(m), prompt: 'Hello', maxRetries: 0 }); let t = ''; for await (const c of s.textStream) t += c; assert.ok(t) },
    async tools(m) { const { stepCountIs } = await import('ai'); const r = await generateText({ model: model(m), tools, prompt: asksTool, stopWhen: stepCountIs(3), maxRetries: 0 }); assert.ok(r.steps.some(s => s.toolCalls.length)); assert.ok(r.text) },
    async structured(m) { const r = await generateObject({ model: model(m), schema: z.object({ name: z.string(), age: z.number().int() }), prompt: 'Who is "Ada"?', maxRetries: 0 }); assert.ok(r.object.name) },
    async vision(m) { assert.ok((await generateText({ model: model(m), maxRetries: 0, messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, { type: 'image', image: Buffer.from(pixel, 'base64') }] }] })).text) },
    async thinking(m) { const r = await generateText({ model: provider.chat(m, { reasoning: { effort: 'low' } }), prompt: 'Think.', maxRetries: 0 }); assert.ok(r.reasoningText || r.usage.reasoningTokens > 0 || r.usage.outputTokenDetails?.reasoningTokens > 0, JSON.stringify(r.usage)) },
    async errors() { await fails(() => generateText({ model: model('no/such'), prompt: 'Hello', maxRetries: 0 }), 404, 400) },
    async 'thinking with tools'(m) {
      const { stepCountIs } = await import('ai')
      const r = await generateText({ model: provider.chat(m, { reasoning: { effort: 'low' } }), tools, prompt: asksTool, stopWhen: stepCountIs(3), maxRetries: 0 })
      assert.equal(r.steps.length, 2); assert.ok(r.text)
    },
    async broken(m) { await breaks(async t => { let err; const all = await drain(streamText({ model: model(m), prompt: t, maxRetries: 0, onError() {} }).fullStream); err = all.find(p => p.type === 'error'); if (err) throw new Error(String(err.error?.message ?? err.error)); return all.map(p => p.type) }) },
    async abort(m) { await leaves(sim, signal => streamText({ model: model(m), prompt: long, abortSignal: signal, maxRetries: 0, onError() {} }).textStream) },
  }
}

function langchain(at, key, sim) {
  const llm = (model, more = {}) => new ChatOpenAI({ model, apiKey: key, maxRetries: 0, configuration: { baseURL: at + '/v1' }, ...more })
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'weather', parameters: place } }]
  return {
    async simple(m) { assert.ok((await llm(m).invoke('Hello')).text) },
    async streamed(m) { let t = ''; for await (const c of await llm(m).stream('Hello')) t += c.text; assert.ok(t) },
    async tools(m) { assert.equal((await llm(m).bindTools(tools).invoke(asksTool)).tool_calls[0].name, 'get_weather') },
    async structured(m) { const r = await llm(m).withStructuredOutput(z.object({ name: z.string(), age: z.number().int() }), { method: 'jsonSchema', name: 'person' }).invoke('Who is "Ada"?'); assert.ok(r.name) },
    async vision(m) { assert.ok((await llm(m).invoke([{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,' + pixel } }] }])).text) },
    async thinking(m) { const r = await llm(m, { useResponsesApi: true, modelKwargs: { reasoning: { effort: 'low' } } }).invoke('Think.'); assert.ok(r.usage_metadata.output_token_details.reasoning > 0 || r.additional_kwargs.reasoning, JSON.stringify(r.usage_metadata)) },
    async errors() { await fails(() => llm('no/such').invoke('Hello'), 404, 400) },
    async broken(m) { await breaks(async t => drain(await llm(m).stream(t))) },
    async retry(m) { await again(sim, m, () => llm(m, { maxRetries: 1 }).invoke('Hello')) },
    async abort(m) { await leaves(sim, signal => llm(m).stream(long, { signal })) },
  }
}

export const sdks = [
  ['openai', 'chat', openaiChat], ['openai', 'responses', openaiResponses], ['openai', 'other', openaiRest],
  ['@anthropic-ai/sdk', 'messages', anthropic], ['@google/genai', 'generateContent', google],
  ['@openrouter/sdk', 'chat', openrouter], ['@openrouter/ai-sdk-provider', 'chat, with ai', aiSDK], ['@langchain/openai', 'chat', langchain],
]

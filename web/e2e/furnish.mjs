// One or more of everything that pages show, made by the API. What people, programs, models and providers may name or
// write is asked of the caller, so that pages can be looked at with plain words and with hostile ones.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { chat } from './traffic.mjs'

/** A provider on chat completions' wire whose every answer is what `answer` gives: a message, or an error's text. */
export async function startSpeaker(answer) {
  const server = createServer((req, res) => {
    const pieces = []
    req.on('data', (b) => pieces.push(b))
    req.on('end', () => {
      const { error, message } = answer()
      if (error) return res.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: { message: error, type: 'invalid_request_error' } }))
      const streams = JSON.parse(Buffer.concat(pieces)).stream
      res.writeHead(200, { 'Content-Type': streams ? 'text/event-stream' : 'application/json' }).end(streams ? frames(message) : JSON.stringify(whole(message)))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/v1`, stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) }
}

const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 }
const ending = (message) => (message.tool_calls ? 'tool_calls' : 'stop')
const whole = (message) => ({ id: 'x', object: 'chat.completion', created: 1, model: 'said', choices: [{ index: 0, finish_reason: ending(message), message: { role: 'assistant', ...message } }], usage })

function frames(message) {
  const chunk = (choices, more) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'said', choices, ...more })}\n\n`
  const delta = { role: 'assistant', ...message, tool_calls: message.tool_calls?.map((call, index) => ({ index, ...call })) }
  return chunk([{ index: 0, delta, finish_reason: null }]) + chunk([{ index: 0, delta: {}, finish_reason: ending(message) }]) + chunk([], { usage }) + 'data: [DONE]\n\n'
}

/**
 * Furnishes the world. `say(what, most)` is the text for a place, of at most so many characters; `speaker` is the address
 * of a provider; `round` makes slugs and addresses that no other round has. What pages need to find the things is in the answer.
 */
export async function furnish(w, say, speaker, round = '') {
  const context = await w.browser.newContext({ baseURL: w.gateway.url, storageState: w.state })
  const call = callsOf(context)
  const post = (path, data) => call('POST', path, data)
  try {
    await call('PATCH', '/organization', { name: say('organisation', 100) })
    const workspace = (await post('/workspaces', { name: say('workspace', 100), slug: `support${round}`, description: say('workspace’s description', 500) })).data
    await call('PUT', `/workspaces/${workspace.id}/budgets/monthly`, { limit_usd: 250 })
    const key = await post('/keys', { name: say('key', 256), limit: 25, limit_reset: 'monthly', labels: { team: say('label', 60) }, rate_limits: { requests_per_minute: 600 } })
    await post('/keys', { name: say('management key', 256), is_management_key: true, role: 'viewer' })
    await post('/credits/grant', { amount: 1000, note: say('note of a grant', 256) })
    await post('/byok', { provider: 'openai', key: 'sk-0123456789abcdef', name: say('provider key', 255), workspace_id: null })
    const guardrail = (await post('/guardrails', { name: say('guardrail', 200), description: say('guardrail’s description', 1000), limit_usd: 50, reset_interval: 'monthly', ignored_providers: ['demo-dune'], content_filters: [{ pattern: 'secret-[0-9]+', action: 'redact', label: say('filter', 60) }] })).data
    await post(`/guardrails/${guardrail.id}/assignments/keys`, { key_hashes: [key.data.hash] })
    const version = (temperature) => [`/presets/mail${round}/chat/completions`, { model: 'demo/chat', temperature, messages: [{ role: 'system', content: say('system prompt', 2000) }, { role: 'user', content: 'x' }] }]
    await post(...version(0.2))
    await call('PATCH', `/presets/mail${round}`, { name: say('preset', 200), description: say('preset’s description', 1000) })
    const rules = { groups: [{ logic: 'and', rules: [{ field: 'model', operator: 'starts_with', value: 'demo/' }] }] }
    const destination = (await post('/observability/destinations', { name: say('destination', 100), type: 'webhook', config: { url: 'https://desk.example/told' }, enabled: false, api_key_hashes: [key.data.hash], filter_rules: rules })).data
    await post('/oauth/federation-policies', { name: say('policy', 100), issuer: 'https://token.actions.githubusercontent.com', audience: w.gateway.url, conditions: [{ claim: 'repository', values: [`acme/app${round}`] }] })
    const bo = await member(w, post, say, `bo${round}@example.com`, (theirs) => theirs(...version(0.9)))
    await post(`/guardrails/${guardrail.id}/assignments/members`, { member_user_ids: [bo] })
    await post('/organization/invitations', { email: `cy${round}@example.com`, role: 'developer' })
    const model = await ownModel(post, say, speaker, round)
    const headers = { 'X-Title': encoded(say('app', 100)), 'HTTP-Referer': 'https://desk.example' }
    const extra = { headers, session_id: say('session', 100), user: say('end user', 100) }
    const generation = await chat(w.gateway, key.key, say('prompt', 2000) + ' [[sim:status=500,on=demo-amber]]', { ...extra, provider: { order: ['demo-amber', 'demo-cobalt'] } })
    const own = await chat(w.gateway, key.key, say('prompt', 2000), { ...extra, model })
    await post('/generation/feedback', { generation_id: generation, category: 'other', comment: say('comment', 1000) })
    return { workspace: `support${round}`, guardrail: guardrail.id, destination: destination.id, preset: `mail${round}`, model, provider: `own${round}`, generation, own, key: key.data.hash, secret: key.key }
  } finally {
    await context.close()
  }
}

/** A provider of one's own and its model, in use; the model's slug. */
export async function ownModel(post, say, speaker, round = '') {
  const model = `own/little${round}`
  await post('/private-providers', { slug: `own${round}`, name: say('own provider', 100), base_url: speaker, protocol: 'openai.chat' })
  const { data } = await post('/private-endpoints', { provider_slug: `own${round}`, model_permaslug: model, model_name: say('own model', 200), upstream_model_id: say('name at the provider', 256), free: true })
  await post(`/private-endpoints/${data.id}/activate`)
  return model
}

/** Somebody who was invited, came and does something with a POST of their own; the member's id. */
async function member(w, post, say, email, does) {
  const invited = await post('/organization/invitations', { email, role: 'admin' })
  const context = await w.browser.newContext({ baseURL: w.gateway.url })
  const call = callsOf(context)
  await call('POST', '/invitations/accept', { token: new URL(invited.data.url).hash.slice('#token='.length), name: say('member', 100), password: 'another lovely sentence' })
  await does((path, data) => call('POST', path, data))
  const { data } = await call('GET', '/session')
  await context.close()
  return data.member_id
}

/** Calls of the API by whoever is signed in. */
function callsOf(context) {
  return async (method, path, data) => {
    const answer = await context.request.fetch(`/api/v1${path}`, { method, data })
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`)
    return answer.json()
  }
}

/** As a header can carry it. */
const encoded = (text) => Buffer.from(text.replace(/[\0\r\n]/g, ' ')).toString('latin1')

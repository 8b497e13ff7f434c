// How long the gateway takes for each call that the app's pages make of what requests did, on a data directory that
// cmd/history has filled: node web/calls.mjs --data DIR. Each call is varied: other filters, other times. What the gateway's
// process spends is its own clock, which other programs on the machine do not move; the wall's they do. It prints the
// table that docs/performance.md has, and asserts nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ownersWay, startGateway } from './e2e/harness.mjs'

const { values } = parseArgs({ options: { data: { type: 'string' }, rounds: { type: 'string', default: '40' }, only: { type: 'string', default: '' } } })
const rounds = Number(values.rounds)
const gateway = await startGateway('', values.data)
const headers = { 'content-type': 'application/json', origin: gateway.url }
const hour = 3600
const day = 24 * hour
let now // in seconds: when the newest request came, since the directory may be older than today

// The dimensions of analytics, as the log calls them.
const fields = { model: 'model', provider: 'provider', endpoint: 'endpoint', api_key_id: 'api_key_hash', user: 'user_id', app: 'app', workspace: 'workspace_id', outcome: 'outcome' }

try {
  headers.cookie = await signIn()
  await settled()
  const newest = (await ask('GET', '/generations?limit=500')).data
  now = Math.floor(Date.parse(newest[0].created_at) / 1000)
  const facets = await values30()
  const old = await page({ to: iso(now - 21 * day), limit: 500 })
  const answered = [newest, old].flatMap((list) => list.filter((r) => r.status === 'ok').slice(0, 5))
  const places = { older: await older(rounds), recent: await Promise.all([1, 2, 3].map(async (limit) => (await ask('GET', `/generations?limit=${limit}`)).before)) }
  const upstream = await Promise.all(answered.map(async (r) => (await ask('GET', `/generation?id=${r.id}`)).data.upstream_id))
  console.log('| call | processor p50, ms | p95 | wall p50, ms | p95 |\n|---|---|---|---|---|')
  for (const [name, call] of Object.entries(calls(facets, newest, old, upstream, places))) if (name.includes(values.only)) await measure(name, call)
} finally {
  await gateway.stop()
}

/** What requests of the last 30 days had, the most frequent first. */
async function values30() {
  const out = {}
  for (const [field, name] of Object.entries(fields)) {
    const { data } = (await ask('POST', '/analytics/query', { metrics: ['request_count'], dimensions: [field], time_range: { start: iso(now - 30 * day), end: iso(now) }, limit: 100 })).data
    out[name] = data.filter((r) => r[field] !== null).map((r) => ({ value: r[field] }))
  }
  return out
}

/** Places in the log, from the front back, 500 requests apart. */
async function older(count) {
  const places = []
  for (let before = ''; places.length < count; places.push(before)) ({ before } = await ask('GET', `/generations?limit=500&before=${before}`))
  return places
}

/** Everything that is asked of what requests did; `i` is which of the variants. */
function calls(facets, newest, old, upstream, places) {
  const one = (list, i) => list[(i * 7) % list.length]
  const value = (field, i) => one(facets[field], i).value
  const log = (query) => ['GET', `/generations?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`]
  const query = (body) => ['POST', '/analytics/query', body]
  const by = (i) => one(Object.keys(fields), i)
  const narrowed = (i) => (i % 4 ? [{ field: by(i + 1), operator: 'in', value: [value(fields[by(i + 1)], i)] }] : [])
  const sums = ['total_usage', 'request_count', 'tokens_total', 'tokens_prompt', 'cached_tokens', 'error_count', 'fallback_count']
  const range = (days, before = 0) => ({ start: iso((Math.ceil(now / day) - days - before) * day), end: iso((Math.ceil(now / day) - before) * day) })
  const hours = (n) => ({ start: iso((Math.ceil(now / hour) - n) * hour), end: iso(Math.ceil(now / hour) * hour) })
  const activity = (name, range, both, grain) => ({
    [`activity, ${name}: list`]: (i) => query({ metrics: [...sums, 'p50_latency', 'avg_throughput'], dimensions: [by(i)], filters: narrowed(i), time_range: range, order_by: { field: 'total_usage', direction: 'desc' }, limit: 200 }),
    ...(name.endsWith('by hour') // with as many rows, the page asks for groups and totals apart
      ? {}
      : { [`activity, ${name}: few groups and totals`]: (i) => query({ metrics: sums, dimensions: [by(i)], granularity: grain, filters: narrowed(i), time_range: both, limit: 100_000 }) }),
    [`activity, ${name}: totals`]: (i) => query({ metrics: sums, granularity: grain, filters: narrowed(i), time_range: both, limit: 100_000 }),
    [`activity, ${name}: series`]: (i) => query({ metrics: [one(['total_usage', 'request_count', 'p90_latency'], i)], dimensions: [by(i)], granularity: grain, filters: [...narrowed(i), { field: by(i), operator: 'in', value: facets[fields[by(i)]].slice(0, 6).map((f) => f.value) }], time_range: range, limit: 100_000 }),
  })
  return {
    'log: newest': (i) => log({ limit: 200, before: one(places.older, i) }),
    'log: a model': (i) => log({ limit: 200, model: value('model', i) }),
    'log: a key': (i) => log({ limit: 200, api_key_hash: value('api_key_hash', i) }),
    'log: errors of a model': (i) => log({ limit: 200, status: 'error', model: value('model', i) }),
    'log: a model, three weeks ago': (i) => log({ limit: 200, model: value('model', i), to: iso(now - 21 * day - i * hour) }),
    'log: an hour, three weeks ago': (i) => log({ limit: 200, from: iso(now - 21 * day - i * hour), to: iso(now - 21 * day - (i - 1) * hour) }),
    'log: a session': (i) => log({ limit: 200, session_id: one([...newest, ...old].filter((r) => r.session_id), i).session_id }),
    'log: a user of a client': (i) => log({ limit: 200, external_user: one(newest, i).external_user, model: value('model', i) }),
    'log: slow': (i) => log({ limit: 200, min_latency: 4000 + i * 100 }),
    'log: a whole id': (i) => log({ limit: 1, q: one([...newest, ...old], i).id }),
    'log: the beginning of an id': (i) => log({ limit: 200, q: one([...newest, ...old], i).id.slice(0, 14 + (i % 8)) }),
    'log: part of an id': (i) => log({ limit: 200, q: one(old, i).id.slice(-8) }),
    'log: followed': (i) => log({ limit: 200, after: one(places.recent, i) }),
    'log: values to narrow by': () => ['GET', '/generations/facets'],
    'generation': (i) => ['GET', `/generation?id=${one([...newest, ...old], i).id}`],
    "generation by the provider's id": (i) => ['GET', `/generation?id=${one(upstream, i)}`],
    'sessions': (i) => log({ limit: 500, ...(i % 2 && { workspace_id: value('workspace_id', i) }) }),
    ...activity('24 hours', hours(24), hours(48), 'hour'),
    ...activity('7 days', range(7), range(14), 'day'),
    ...activity('30 days', range(30), range(60), 'day'),
    ...activity('30 days by hour', range(30), range(31), 'hour'),
    'rankings': (i) => query({ metrics: [one(['tokens_total', 'request_count', 'total_usage'], i)], dimensions: [one(['model', 'provider', 'app'], i)], time_range: range(one([1, 7, 30], i), i % 2 ? 30 : 0), order_by: { field: 'request_count', direction: 'desc' }, limit: 50 }),
    'status: 30 days by hour': () => query({ metrics: ['request_count', 'error_count', 'fallback_count'], granularity: 'hour', time_range: { start: iso((Math.ceil((now + 1) / hour) - 720) * hour), end: iso(Math.ceil((now + 1) / hour) * hour) }, limit: 1000 }),
    'model: performance': (i) => query({ metrics: ['request_count', 'p50_latency', 'p90_latency', 'avg_throughput'], dimensions: ['endpoint'], granularity: i % 3 ? 'day' : 'hour', filters: [{ field: 'model', operator: 'eq', value: value('model', i) }], time_range: one([hours(24), range(7), range(30)], i) }),
    'models: traffic': () => query({ metrics: ['request_count', 'tokens_prompt', 'cached_tokens', 'tokens_completion', 'total_usage'], filters: [{ field: 'api_type', operator: 'eq', value: 'completions' }], time_range: range(30) }),
    'provider: traffic': (i) => query({ metrics: ['request_count', 'p50_latency', 'avg_throughput', 'fallback_count', 'error_count'], granularity: 'day', filters: [{ field: 'provider', operator: 'eq', value: value('provider', i) }], time_range: range(30) }),
    'key: 30 days': (i) => query({ metrics: ['total_usage', 'request_count'], granularity: 'day', filters: [{ field: 'api_key_id', operator: 'eq', value: value('api_key_hash', i) }], time_range: { start: range(30).start, end: iso(now) } }),
    'workspace: since it was made': (i) => query({ metrics: ['total_usage'], granularity: 'day', filters: [{ field: 'workspace', operator: 'eq', value: value('workspace_id', i) }], time_range: { start: iso(now - 90 * day - 123), end: iso(now + 60) } }),
    'provider keys: 30 days': () => query({ metrics: ['byok_usage_inference', 'request_count'], dimensions: ['provider'], filters: [{ field: 'is_byok', operator: 'eq', value: 'true' }], time_range: { start: iso(now - 30 * day), end: iso(now) } }),
    'activity of endpoints': (i) => ['GET', `/activity${i % 2 ? '?group_by=workspace' : ''}`],
    'keys': () => ['GET', '/keys?include_disabled=true'],
    'keys to look at': () => ['GET', '/keys/report?limit=100'],
    'members': () => ['GET', '/organization/members?limit=100'],
    'workspaces': () => ['GET', '/workspaces?limit=100'],
    'budgets': (i) => ['GET', `/workspaces/${value('workspace_id', i)}/budgets`],
    'credits': () => ['GET', '/credits'],
    'credit history': () => ['GET', '/credits/history?limit=100'],
    'audit log': () => ['GET', '/audit?limit=100'],
    'models': () => ['GET', '/models?output_modalities=all&all=true'],
    'providers': () => ['GET', '/providers?all=true'],
    'health': () => ['GET', '/health/endpoints'],
    'system': () => ['GET', '/system'],
  }
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString()
}

async function page(query) {
  return (await ask('GET', `/generations?${new URLSearchParams(query)}`)).data
}

/** The cookie of the owner. */
async function signIn() {
  const [path, body] = ownersWay(gateway)
  const res = await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`)
  return res.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
}

async function ask(method, path, body) {
  const res = await fetch(`${gateway.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
  const text = await res.text()
  if (!res.ok) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${res.status} ${text}`)
  return JSON.parse(text)
}

/** The processor's time of the gateway's threads, in ms. */
function spent() {
  const threads = `/proc/${gateway.pid}/task`
  return readdirSync(threads).reduce((sum, t) => sum + Number(readFileSync(`${threads}/${t}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e6
}

/** Waits until the gateway does nothing of its own accord: after a start it may digest and pack. */
async function settled() {
  for (let quiet = 0; quiet < 3; ) {
    const before = spent()
    await new Promise((done) => setTimeout(done, 1000))
    quiet = spent() - before < 20 ? quiet + 1 : 0
  }
}

async function measure(name, call) {
  const wall = []
  const processor = []
  for (let i = 0; i < rounds; i++) {
    const [method, path, body] = call(i)
    const before = spent()
    const began = performance.now()
    await ask(method, path, body)
    wall.push(performance.now() - began)
    processor.push(spent() - before)
  }
  const at = (list, share) => [...list].sort((a, b) => a - b)[Math.ceil(share * list.length) - 1].toFixed(1)
  console.log(`| ${name} | ${at(processor, 0.5)} | ${at(processor, 0.95)} | ${at(wall, 0.5)} | ${at(wall, 0.95)} |`)
}

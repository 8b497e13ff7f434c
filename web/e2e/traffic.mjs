// Traffic of several applications, keys and models, with every kind of end that a request can have, for the pages that
// show what happened. The simulated providers take the manner of their answer from the message: docs/simulator.md.

const apps = [
  { 'X-Title': 'Support desk', 'HTTP-Referer': 'https://desk.example' },
  { 'X-Title': 'Nightly report', 'HTTP-Referer': 'https://report.example' },
  { 'X-Title': 'Code review', 'HTTP-Referer': 'https://review.example' },
  {},
]

const asks = [
  'Write a line about a harbour in winter.',
  'Summarise the minutes of the meeting.',
  'Name three rivers. [[sim:words=40]]',
  'Translate this sentence. [[sim:words=90]]',
]

const faults = [
  'Hello [[sim:status=500,on=demo-amber]]',
  'Hello [[sim:status=429,on=demo-basalt]]',
  'Hello [[sim:cut=400,rst,on=demo-amber]]',
  'Hello [[sim:status=503]]',
  'Hello [[sim:no-content]]',
]

/** Makes a key by the API. */
export async function makeKey(gateway, name) {
  const response = await fetch(`${gateway.url}/api/v1/keys`, { method: 'POST', headers: { Authorization: `Bearer ${gateway.managementKey}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ name }) })
  return (await response.json()).key
}

/** One chat completion, read to its end; its generation's id. */
export async function chat(gateway, key, content, { headers = {}, ...body } = {}) {
  const response = await fetch(`${gateway.url}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'demo/chat', messages: [{ role: 'user', content }], ...body }),
  })
  await response.text().catch(() => undefined) // what breaks off is recorded, too
  return response.headers.get('X-Generation-Id')
}

/** `count` requests, some of which fail, in `lanes` at once. */
export async function traffic(gateway, count, { lanes = 4 } = {}) {
  const keys = [gateway.key, await makeKey(gateway, 'Support desk, production'), await makeKey(gateway, 'Nightly jobs')]
  let next = 0
  const lane = async () => {
    for (let i = next++; i < count; i = next++) {
      const fails = i % 9 === 4
      await chat(gateway, keys[i % keys.length], fails ? faults[Math.floor(i / 9) % faults.length] : asks[i % asks.length], {
        model: i % 4 === 3 ? 'demo/thinker' : 'demo/chat',
        stream: i % 2 === 0,
        headers: apps[i % apps.length],
        session_id: i % 3 === 0 ? `case-${1000 + (i % 4)}` : undefined,
        user: i % 5 === 0 ? 'u-17' : undefined,
        ...(i % 4 === 3 ? { reasoning: { effort: 'low' } } : {}),
      })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

// Hostile texts in every place where a name, a label or an answer is shown: no script runs, nothing is loaded from
// elsewhere, the policy is never broken, and the text stands there as it was written. The watch of `open` is the wire
// that a script would trip over: whatever it says in the console fails the test.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { furnish, startSpeaker } from './furnish.mjs'
import { open, settled, world } from './harness.mjs'
import { addresses, corpus, harmless, speech, written } from './hostile.mjs'
import { pages } from './pages.mjs'

const texts = Object.values(corpus)
const rounds = 3
let answer = { message: { content: 'Hello.' } }
const speaker = await startSpeaker(() => answer)
const w = world()
after(() => speaker.stop())

const furnished = []

test('the world is furnished with hostile names', async () => {
  await logContents()
  for (let round = 0; round < rounds; round++) {
    const { say, said } = speech(texts, round * 7)
    answer = { message: { content: texts[round], reasoning: texts[round + 1] } }
    furnished.push({ said, made: await furnish(w, say, speaker.url, `-${round}`) })
  }
})

/** Turns the logging of prompts and answers on. */
async function logContents() {
  const headers = { Authorization: `Bearer ${w.gateway.managementKey}`, 'Content-Type': 'application/json' }
  const { data } = await (await fetch(`${w.gateway.url}/api/v1/workspaces`, { headers })).json()
  const response = await fetch(`${w.gateway.url}/api/v1/workspaces/${data[0].id}`, { method: 'PATCH', headers, body: JSON.stringify({ is_observability_io_logging_enabled: true }) })
  assert.equal(response.status, 200, await response.text())
}

for (const p of pages.filter((p) => p.asks !== false || p.says)) {
  test(`names at ${p.path}`, () =>
    open(w, '/settings', async (page) => {
      const seen = new Set()
      for (const { made, said } of furnished) {
        if (seen.has(p.at(made)) && !p.says) continue
        if (!seen.has(p.at(made))) await page.goto(p.at(made))
        seen.add(p.at(made))
        await settled(page)
        for (const what of p.says ?? []) if (what !== 'organisation' || made === furnished.at(-1).made) await written(page, said.get(what))
        await harmless(page)
      }
    }))
}

const detours = (made) => [
  ['/rankings?of=apps', ['app']],
  ['/activity?by=app', ['app']],
  ['/activity?by=key', ['key']],
  [`/models/${made.model}`, ['own model']],
  [`/providers/${made.provider}`, ['own provider']],
  ['/models', ['own model']],
  [`/chat?models=${made.model}`, ['own model']],
  ['/keys?kind=management', ['management key']],
  [`/keys?key=${made.key}`, ['key', 'label']],
  [`/guardrails/${made.guardrail}?tab=filters`, ['filter']],
  [`/guardrails/${made.guardrail}?tab=keys`, ['key']],
  [`/guardrails/${made.guardrail}?tab=members`, ['member']],
  [`/destinations?destination=${made.destination}`, ['destination', 'key']],
  [`/generations/${made.own}`, ['app', 'session']],
  [`/logs?open=${made.own}`, ['app', 'key']],
  [`/routing?model=${made.model}`, ['own provider']],
  ['/settings?tab=sessions', []],
  ['/members?view=invitations', []],
]

test('names in tabs, details and where they are chosen', () =>
  open(w, '/settings', async (page) => {
    for (const { made, said } of furnished) {
      for (const [at, says] of detours(made)) {
        await page.goto(at)
        await settled(page)
        for (const what of says) await written(page, said.get(what))
        await harmless(page)
      }
    }
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search pages, models, commands').fill('own')
    await page.getByRole('option').first().waitFor()
    await harmless(page)
  }))

test('a question before something is deleted has its name as a text', () =>
  open(w, '/keys', async (page) => {
    const name = furnished[0].said.get('key')
    await page.getByRole('button', { name: `Actions on ${name}`, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText(`Delete “${name}”?`, { exact: true }).waitFor()
    await harmless(page)
  }))

test('what was said is a text where it is kept', () =>
  open(w, `/generations/${furnished[0].made.own}`, async (page) => {
    await page.getByRole('button', { name: 'Look at it' }).click()
    await written(page, furnished[0].said.get('prompt'))
    await written(page, texts[0])
    await harmless(page)
  }))

test('every entry of the audit log is a text', () =>
  open(w, '/audit', async (page) => {
    const { data } = await (await page.request.get('/api/v1/audit?limit=100')).json()
    const named = data.filter((e) => /[<={]/.test(JSON.stringify(e.before ?? e.after ?? e))).slice(0, 12)
    assert.ok(named.length > 5)
    for (const e of named) {
      await page.goto(`/audit?entry=${e.n}`)
      await page.getByRole('dialog', { name: e.action }).waitFor()
      await harmless(page)
    }
  }))

test('addresses that somebody made up do nothing', () =>
  open(w, '/settings', async (page) => {
    for (const text of [corpus.script, corpus.url, corpus.attribute, corpus.path, '__proto__', '%00']) {
      const q = encodeURIComponent(text)
      for (const at of [`/logs?q=${q}&model=${q}&status=${q}`, `/keys?key=${q}&sort=${q}`, `/signin?to=${q}&error=${q}`, `/chat?prompt=${q}&models=${q}`, `/models?q=${q}&sort=${q}&authors=${q}`, `/activity?by=${q}&from=${q}&app=${q}`, `/nothing/${q}`, `/providers/${q}`]) {
        await page.goto(at)
        await settled(page)
        await harmless(page)
        assert.equal(new URL(page.url()).origin, new URL(w.gateway.url).origin)
      }
    }
  }, { expect: [/40[04]/] }))

test('people are texts in their names and addresses, to others and to themselves', () =>
  open(w, '/members', async (page, context) => {
    const [invited, joined] = [Object.values(addresses).slice(0, 4), Object.values(addresses).slice(4)]
    const invite = async (email) => {
      const made = await page.request.post('/api/v1/organization/invitations', { data: { email, role: 'admin' } })
      assert.equal(made.status(), 201, await made.text())
      return new URL((await made.json()).data.url).hash.slice('#token='.length)
    }
    for (const email of invited) await invite(email)
    const people = []
    for (const [i, email] of joined.entries()) people.push(await joins(await invite(email), texts[i], email))

    await page.goto('/members?view=invitations')
    for (const email of invited) await written(page, email)
    await harmless(page)
    await page.getByRole('button', { name: `Withdraw the invitation of ${invited[0]}`, exact: true }).click()
    await page.getByRole('dialog', { name: `Withdraw the invitation of ${invited[0]}?`, exact: true }).waitFor()
    await harmless(page)
    for (const { id, name, email } of people) {
      await page.goto(`/members?member=${id}`)
      await page.getByRole('dialog').waitFor()
      await written(page, email)
      await written(page, name)
      await harmless(page)
    }
    for (const { state, name, email } of people) await open({ ...w, state }, '/settings', (own) => ownPages(own, name, email))
  }))

/** Somebody accepts an invitation; who that is then, and how the browser knows. */
async function joins(token, name, email) {
  const context = await w.browser.newContext({ baseURL: w.gateway.url })
  const joined = await context.request.post('/api/v1/invitations/accept', { data: { token, name, password: 'another lovely sentence' } })
  assert.equal(joined.status(), 201, await joined.text())
  const session = (await (await context.request.get('/api/v1/session')).json()).data
  const state = await context.storageState()
  await context.close()
  return { id: session.member_id, name, email, state }
}

async function ownPages(page, name, email) {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await written(page, email)
  await harmless(page)
  await page.goto('/settings')
  await settled(page)
  await written(page, name)
  await page.goto(authAddress({}))
  await written(page, `as ${email}.`)
  await harmless(page)
}

const authAddress = (more) => `/auth?${new URLSearchParams({ callback_url: 'https://app.example/done', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256', ...more })}`

test('what an application writes into its question for a key is text, and leads only to where it is said', () =>
  open(
    w,
    '/settings',
    async (page) => {
      for (const text of texts) {
        await page.goto(authAddress({ key_label: text, limit: text, usage_limit_type: text, expires_at: text, state: text, code_challenge_method: text }))
        await page.getByRole('button', { name: 'Allow' }).waitFor()
        await written(page, [...text].slice(0, 90).join(''))
        await harmless(page)
      }
      for (const url of [corpus.script, corpus.attribute, corpus.url, corpus.path, 'javascript:alert(1)', 'data:text/html,x', 'https://user@app.example', 'http://app.example', '//app.example', 'HTTPS:app.example@elsewhere.example', 'http://localhost.elsewhere.example']) {
        await page.goto(authAddress({ callback_url: url }))
        await page.getByText('named no address to return to').waitFor()
        await harmless(page)
      }
      await page.route('https://app.example/**', (route) => route.fulfill({ body: 'there' }))
      await page.goto(authAddress({ callback_url: `https://app.example/done?x=${encodeURIComponent(corpus.raw)}#y`, state: corpus.attribute }))
      await page.getByRole('button', { name: 'Refuse' }).click()
      await page.waitForURL('https://app.example/done?**')
      const there = new URL(page.url())
      assert.equal(there.searchParams.get('state'), corpus.attribute)
      assert.equal(there.searchParams.get('error'), 'access_denied')
      assert.equal(there.searchParams.get('x'), corpus.raw)
    },
    { expect: [/left the gateway: https:\/\/app\.example\/done/] },
  ))

test('a file of requests has no formula in it', () =>
  open(w, '/logs', async (page) => {
    await page.getByRole('row').nth(1).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save what is shown as CSV' }).click()])
    const text = String(await readFile(await file.path()))
    assert.ok(text.includes("'="), 'no name begins with =')
    assert.doesNotMatch(text, /(^|[\r\n,]|[\r\n,]")[=+@\t-](?![\d.])/)
  }))

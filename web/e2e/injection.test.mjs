// Hostile texts in every place where a name, a label or an answer is shown: no script runs, nothing is loaded from
// elsewhere, the policy is never broken, and the text stands there as it was written. The watch of `open` is the wire
// that a script would trip over: whatever it says in the console fails the test.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { furnish, startSpeaker } from './furnish.mjs'
import { open, settled, world } from './harness.mjs'
import { corpus, harmless, speech, written } from './hostile.mjs'
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
  ['/keys?kind=management', ['management key']],
  [`/keys?key=${made.key}`, ['key', 'label']],
  [`/guardrails/${made.guardrail}?tab=filters`, ['filter']],
  [`/guardrails/${made.guardrail}?tab=assignments`, ['key']],
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

test('a file of requests has no formula in it', () =>
  open(w, '/logs', async (page) => {
    await page.getByRole('row').nth(1).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save what is shown as CSV' }).click()])
    const text = String(await readFile(await file.path()))
    assert.ok(text.includes("'="), 'no name begins with =')
    assert.doesNotMatch(text, /(^|[\r\n,]|[\r\n,]")[=+@\t-](?![\d.])/)
  }))

// Hostile texts in every place where a name, a label or an answer is shown: no script runs, nothing is loaded from
// elsewhere, the policy is never broken, and the text stands there as it was written. The watch of `open` is the wire
// that a script would trip over: whatever it says in the console fails the test.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { corpus, raw, speech } from './corpus.mjs'
import { furnish, startSpeaker } from './furnish.mjs'
import { open, settled, world } from './harness.mjs'
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

for (const p of pages.filter((p) => p.asks !== false)) {
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

test('a model’s answer is never HTML, whatever part of it', () =>
  open(w, `/chat?models=${furnished[0].made.model}`, async (page) => {
    for (const [name, text] of Object.entries({ ...corpus, ...raw })) {
      answer = { message: said(text) }
      await ask(page, name)
      await harmless(page)
    }
    answer = { message: { content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look_up', arguments: JSON.stringify({ [corpus.handler]: corpus.script }) } }] } }
    await ask(page, 'call')
    await written(page, corpus.script.replaceAll('"', '\\"'))
    await harmless(page)
  }))

/** A message that has the text in each of its parts. */
function said(text) {
  return {
    content: `${text}\n\n# ${text}\n\n- ${text}\n\n| a | b |\n|---|---|\n| ${text.replaceAll('|', '')} | ${text.replaceAll('|', '')} |\n\n\`\`\`html\n${text}\n\`\`\`\n\n\`${text}\`\n\n[${text}](${text})\n\n![${text}](http://elsewhere.example/a.png)`,
    reasoning: text,
    images: [{ type: 'image_url', image_url: { url: text } }, { type: 'image_url', image_url: { url: 'http://elsewhere.example/b.png' } }],
    annotations: [{ type: 'url_citation', url_citation: { url: text, title: text } }, { type: 'url_citation', url_citation: { url: 'https://cited.example/', title: text } }],
  }
}

test('a provider’s error is a text', () =>
  open(
    w,
    `/chat?models=${furnished[0].made.model}`,
    async (page) => {
      for (const name of ['handler', 'link', 'mutation', 'page', 'backwards', 'long']) {
        const text = corpus[name]
        answer = { error: text }
        await ask(page, name)
        await written(page, text)
        await harmless(page)
      }
    },
    { expect: [/400/, /502/] },
  ))

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

/** Sends a prompt that no other is like, and waits for its answer's end. */
async function ask(page, text) {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.getByRole('textbox', { name: 'Message' }).press('Enter')
  await page.getByRole('article', { name: 'Prompt' }).getByText(text, { exact: true }).waitFor()
  await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]') && [...document.querySelectorAll('article')].at(-1)?.ariaLabel === 'Answer')
}

/** Waits until the text stands in the page as it was written, be it in a field. */
async function written(page, text) {
  await page.waitForFunction((wanted) => {
    const flat = (s) => s.replace(/\s+/g, ' ').trim()
    const fields = [...document.querySelectorAll('input, textarea')].map((f) => f.value)
    return [document.body.textContent, ...fields].some((s) => flat(s).includes(flat(wanted)))
  }, text).catch((e) => Promise.reject(new Error(`“${text}” is not on ${page.url()}`, { cause: e })))
}

/** Nothing in the page runs, leads or loads anything that a text asked for. */
async function harmless(page) {
  const found = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')]
    const runs = elements.filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name) || /^\s*(javascript|vbscript|data:text)/i.test(a.value) && /^(href|src|action|formaction|xlink:href)$/i.test(a.name)))
    const strange = elements.filter((e) => e.matches('iframe, object, embed, base, meta[http-equiv], math, animate, body script, body style, body link, img:not([src^="data:image/"]):not([src^="/"])'))
    const loose = elements.filter((e) => e.matches('a[target=_blank]:not([rel~=noopener])'))
    return [...runs, ...strange, ...loose].map((e) => e.outerHTML.slice(0, 200))
  })
  assert.deepEqual(found, [], page.url())
}

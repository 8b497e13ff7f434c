// What a model or a provider answers is text in the chat, whatever it is and whatever part of the answer it is in.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ownModel, startSpeaker } from './furnish.mjs'
import { open, world } from './harness.mjs'
import { corpus, harmless, raw, written } from './hostile.mjs'

let answer = { message: { content: 'Hello.' } }
const speaker = await startSpeaker(() => answer)
const w = world()
after(() => speaker.stop())

test('a model of one’s own is made', () =>
  open(w, '/catalogue', async (page) => {
    const post = async (path, data) => {
      const made = await page.request.post(`/api/v1${path}`, { data })
      assert.ok(made.ok(), await made.text())
      return made.json()
    }
    await ownModel(post, (what) => what, speaker.url)
  }))

test('a model’s answer is never HTML, whatever part of it', () =>
  open(w, '/chat?models=own/little', async (page) => {
    for (const [name, text] of Object.entries({ ...corpus, ...raw })) {
      answer = { message: said(text) }
      await ask(page, name)
      await harmless(page)
    }
  }))

test('a call of a tool is text in its name, its id and its arguments', () =>
  open(w, '/chat?models=own/little', async (page) => {
    for (const [name, text] of Object.entries(corpus)) {
      const call = (id, of) => ({ id, type: 'function', function: { name: text, arguments: of } })
      answer = { message: { content: null, tool_calls: [call(text, JSON.stringify({ [text]: text })), call('call_2', text)] } }
      await ask(page, name)
      await written(page, `Call of ${text}`)
      await written(page, `${JSON.stringify(text)}: ${JSON.stringify(text)}`)
      await harmless(page)
    }
    answer = { message: { content: 'Hello.' } }
    const result = page.getByRole('textbox', { name: /^Result of/ }).last()
    await result.fill(corpus.raw)
    await page.getByRole('button', { name: 'Send the results' }).click()
    await page.getByText('Hello.', { exact: true }).waitFor()
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
    '/chat?models=own/little',
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

/** Sends a prompt that no other is like, and waits for its answer's end. */
async function ask(page, text) {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.getByRole('textbox', { name: 'Message' }).press('Enter')
  await page.getByRole('article', { name: 'Prompt' }).getByText(text, { exact: true }).waitFor()
  await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]') && [...document.querySelectorAll('article')].at(-1)?.ariaLabel === 'Answer')
}

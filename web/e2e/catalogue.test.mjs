// Own endpoints: a local server is added in one form, called, put in force; one that fails stays a draft. Privacy.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

/** A server of one's own that speaks chat completions. */
const server = createServer((req, res) => {
  const answer = { id: 'x', object: 'chat.completion', created: 1, model: 'little', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }
  req.resume().on('end', () => res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer)))
})
before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => {
  server.closeAllConnections()
  server.close()
})

async function fill(page, form, { slug, url, model }) {
  await form.getByLabel('Address').fill(url)
  await form.getByLabel('Slug').fill(slug)
  await form.getByRole('combobox', { name: 'Model' }).click()
  await page.getByPlaceholder('Search').fill(model)
  await page.getByRole('option', { name: `Use “${model}”` }).click()
  await form.getByLabel('Name at the server').fill('little')
}

test('a local server is added in one form and answers', () =>
  open(w, '/catalogue', async (page) => {
    await page.getByText('No endpoint of your own').waitFor()
    await page.getByRole('button', { name: 'Add an endpoint' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add an endpoint' })
    await form.getByRole('button', { name: 'Add and try' }).click()
    await form.getByText('An address such as').waitFor()
    await fill(page, form, { slug: 'cellar', url: `http://127.0.0.1:${server.address().port}/v1`, model: 'own/little' })
    await form.getByLabel('It costs nothing').click()
    await form.getByLabel('Input, per million').fill('0.15')
    await form.getByLabel('Output, per million').fill('2')
    await inspect(page, 'catalogue-new')
    await form.getByRole('button', { name: 'Add and try' }).click()
    await form.waitFor({ state: 'detached' })
    await row(page, 'own/little').getByText('in use').waitFor()
    await row(page, 'own/little').getByText('$0.15').waitFor()
    await row(page, 'own/little').getByText('$2.00').waitFor()
    const answer = await page.request.post('/api/v1/chat/completions', { data: { model: 'own/little', messages: [{ role: 'user', content: 'Hello!' }] } })
    assert.equal((await answer.json()).choices[0].message.content, 'Hello.')
    await page.getByRole('button', { name: 'Test own/little' }).click()
    await page.getByText(/own\/little answered in/).waitFor()
    await inspect(page, 'catalogue')
  }))

test('a server that does not answer stays a draft, which is deleted', () =>
  open(w, '/catalogue?form=new', async (page) => {
    const form = page.getByRole('dialog', { name: 'Add an endpoint' })
    await fill(page, form, { slug: 'attic', url: 'http://127.0.0.1:9/v1', model: 'own/gone' })
    await form.getByRole('button', { name: 'Add and try' }).click()
    await form.getByText(/The call failed/).waitFor()
    await inspect(page, 'catalogue-failed')
    await form.getByRole('button', { name: 'Leave as a draft' }).click()
    await row(page, 'own/gone').getByText('draft').waitFor()
    await page.getByRole('button', { name: 'Actions on own/gone' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await row(page, 'own/gone').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Actions on own/little' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await row(page, 'own/little').getByText('disabled').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'own/little').getByText('in use').waitFor()
  }))

test('a price list is looked at, and what it changes is taken over', () =>
  open(
    w,
    '/catalogue',
    async (page) => {
      await page.getByRole('button', { name: 'Prices', exact: true }).click()
      await page.waitForURL('**/catalogue?view=prices')
      await page.getByText('No price was taken over').waitFor()
      await page.getByRole('button', { name: 'Refresh prices' }).click()
      const sheet = page.getByRole('dialog', { name: 'Refresh prices' })
      await sheet.getByRole('button', { name: 'A file' }).click()
      await sheet.getByRole('button', { name: 'Look' }).click()
      await sheet.getByText('Choose a JSON file').waitFor()
      const list = { openai: { models: { 'gpt-5': { cost: { input: 1.3, output: 10.4 } }, 'gpt-5-mini': { cost: { input: 9, output: 90 } } } } }
      const file = (text) => sheet.getByLabel('File').setInputFiles({ name: 'list.json', mimeType: 'application/json', buffer: Buffer.from(text) })
      await file('no JSON')
      await sheet.getByText('The file is no JSON').waitFor()
      await file(JSON.stringify(list))
      await sheet.getByRole('button', { name: 'Look' }).click()
      const found = sheet.getByRole('table', { name: 'What the list changes' })
      await found.getByText('openai/gpt-5', { exact: true }).waitFor()
      await inspect(page, 'catalogue-prices-found')
      const accept = found.getByRole('row').filter({ hasText: 'openai/gpt-5-mini' }).getByRole('checkbox')
      await sheet.getByRole('button', { name: 'Take over 1', exact: true }).waitFor()
      await accept.click()
      await sheet.getByRole('button', { name: 'Take over 2', exact: true }).click()
      await sheet.waitFor({ state: 'detached' })
      await page.getByText('2 prices taken over').waitFor()
      await page.getByRole('table', { name: 'Prices taken over' }).getByText('$1.30').waitFor()
      await inspect(page, 'catalogue-prices')
    },
  ))

test('privacy says what is kept and what each workspace demands', () =>
  open(w, '/privacy', async (page) => {
    await row(page, 'Default workspace').getByText('not kept').waitFor()
    await row(page, 'Default workspace').getByRole('link').click()
    await page.waitForURL(/\/guardrails\//)
    await page.getByLabel('Zero data retention').click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Everything is saved.').waitFor()
    await page.goto('/privacy')
    await row(page, 'Default workspace').getByText('zero retention').waitFor()
    await page.getByText('Ed25519', { exact: false }).first().waitFor()
    await inspect(page, 'privacy')
  }))

// A newcomer's path with nothing read before: from a binary that has never run to a comparison of two models, a key,
// a call by an SDK with it, and the record of that call.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { open, owner, world } from './harness.mjs'

const began = performance.now()
const w = world({ signedIn: false })
const most = 120 // seconds of machine time that the path may take

test('a newcomer gets from the first start to the record of a call', (t) =>
  open(w, w.gateway.setup, async (page) => {
    const took = (what) => t.diagnostic(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    took('started, and the page is open')
    await page.getByLabel('Organisation').fill(owner.organization)
    await page.getByLabel('Your name').fill(owner.name)
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password').fill(owner.password)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Go on with the demo' }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('First token').waitFor()
    took('the wizard has made its call')

    await page.getByRole('link', { name: 'Open Dragoman' }).click()
    await page.getByRole('textbox', { name: 'Message' }).fill('What does a dragoman do?')
    await page.keyboard.press('Enter')
    await page.getByText(/tok\/s/).nth(1).waitFor()
    assert.equal(await page.locator('article[aria-label=Answer]').count(), 2)
    took('two models have answered beside each other')

    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    await page.getByRole('button', { name: 'New key' }).click()
    const form = page.getByRole('dialog', { name: 'New key' })
    await form.getByLabel('Name').fill('my program')
    await form.getByRole('button', { name: 'Create key' }).click()
    const once = page.getByRole('dialog', { name: /Copy the key/ })
    const apiKey = await once.getByLabel('Key', { exact: true }).innerText()
    await once.getByRole('button', { name: 'I have copied it' }).click()
    took('there is a key')

    const client = new OpenAI({ apiKey, baseURL: `${w.gateway.url}/api/v1` })
    const { data: answer, response } = await client.chat.completions.create({ model: 'demo/chat', messages: [{ role: 'user', content: 'Hello!' }] }).withResponse()
    assert.ok(answer.choices[0].message.content)
    took('the SDK has its answer')

    await page.getByRole('link', { name: 'Logs' }).click()
    await page.getByText('my program').first().waitFor()
    await page.goto(`/generations/${response.headers.get('x-generation-id')}`)
    await page.getByRole('heading', { name: 'Routing' }).waitFor()
    await page.getByText('answered').first().waitFor()
    took('its record is on the page')
    assert.ok(performance.now() - began < most * 1000)
  }))

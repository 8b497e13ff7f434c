// Chat: models beside each other, branches, tools, files, the blind vote, the history, the code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, settled, world } from './harness.mjs'

const w = world()
const message = (page) => page.getByRole('textbox', { name: 'Message' })
const column = (page, name) => page.getByRole('region', { name, exact: true })

async function ask(page, text) {
  await message(page).fill(text)
  await message(page).press('Enter')
  await answered(page)
}

/** Waits until no answer comes any more. */
async function answered(page) {
  await page.locator('article[aria-label=Answer]').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]') && document.querySelector('article[aria-label=Answer]'))
}

test('one prompt goes to all models, and each answer says what it took', () =>
  open(w, '/chat', async (page) => {
    await page.getByRole('heading', { name: 'New chat' }).waitFor()
    await inspect(page, 'chat-new')
    await ask(page, 'What does a dragoman do? Write `code` and a list.')
    await page.waitForURL(/chat=[0-9a-f]+/)
    assert.equal(await page.locator('article[aria-label=Answer]').count(), 2)
    const about = column(page, 'Demo Chat').getByRole('button', { name: /about this answer/ })
    assert.match(await about.innerText(), /Demo \w+.*ms.*tok\/s.*→.*tok.*\$0\.0/s)
    await inspect(page, 'chat-answers')
    await about.click()
    const facts = page.getByRole('dialog', { name: 'About this answer' })
    for (const name of ['Provider', 'First token', 'Speed', 'Cost', 'Finish reason', 'Generation']) await facts.getByText(name, { exact: true }).waitFor()
    await facts.getByText(/^gen-/).waitFor()
    await inspect(page, 'chat-facts', { only: ['desktop'] })
  }))

test('a prompt can be edited, asked again, branched and deleted, and nothing is lost', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    await ask(page, 'The first question')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByText('2 of 2').waitFor()
    await answered(page)
    await page.getByRole('button', { name: 'Earlier version' }).click()
    await page.getByText('1 of 2').waitFor()

    await page.getByRole('button', { name: 'Edit the prompt' }).click()
    await page.getByRole('textbox', { name: 'The prompt' }).fill('The second question')
    await page.keyboard.press('Control+Enter')
    await page.getByText(/You asked: “The second question”/).waitFor()
    await answered(page)
    await inspect(page, 'chat-versions')
    await page.getByRole('button', { name: 'Earlier version' }).first().click()
    await page.getByText(/You asked: “The first question”/).waitFor()
    await page.getByRole('button', { name: 'Later version' }).first().click()

    await ask(page, 'And then?')
    assert.equal(await page.locator('article[aria-label=Prompt]').count(), 2)
    await page.locator('article[aria-label=Answer]').first().getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Go on from here' }).click()
    await page.getByText('The next prompt begins a new branch here.').waitFor()
    assert.equal(await page.locator('article[aria-label=Prompt]').count(), 1)
    await ask(page, 'Or this?')
    await page.getByText(/You asked: “Or this\?”/).waitFor()
    await page.locator('article[aria-label=Prompt]').nth(1).getByText('2 of 2').waitFor()

    await page.locator('article[aria-label=Answer]').nth(1).getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.waitForFunction(() => document.querySelectorAll('article[aria-label=Answer]').length === 1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/You asked: “Or this\?”/).waitFor()

    await page.reload()
    await page.getByText(/You asked: “Or this\?”/).waitFor()
    await page.locator('article[aria-label=Prompt]').first().getByText('2 of 2').waitFor()
  }))

test('what fails in one column leaves the others alone, and can be asked again', () =>
  open(
    w,
    '/chat?models=demo/chat,demo/thinker',
    async (page) => {
      await page.getByRole('button', { name: 'Parameters of Demo Thinker' }).click()
      const sheet = page.getByRole('dialog', { name: 'Parameters of Demo Thinker' })
      await sheet.getByLabel('Temperature').fill('3')
      await sheet.getByRole('button', { name: 'Save' }).click()
      await sheet.getByText('A number from 0 to 2').last().waitFor()
      await sheet.getByLabel('Temperature').fill('0.4')
      await sheet.getByLabel('Longest answer').fill('20')
      await sheet.getByLabel('Reasoning').selectOption('low')
      await inspect(page, 'chat-parameters')
      await sheet.getByRole('button', { name: 'Save' }).click()
      await ask(page, 'Hello [[sim:words=80]]')
      await column(page, 'Demo Thinker').getByText('cut at the limit').waitFor()
      await column(page, 'Demo Thinker').getByText(/^Reasoned for/).click()
      await column(page, 'Demo Chat').getByText(/You asked/).waitFor()

      await page.getByLabel('Send to').selectOption({ label: 'To Demo Thinker' })
      await ask(page, 'Fail, please [[sim:status=400]]')
      await column(page, 'Demo Thinker').getByRole('alert').waitFor()
      assert.equal(await column(page, 'Demo Chat').locator('article[aria-label=Prompt]').count(), 1)
      await inspect(page, 'chat-failed')
      await column(page, 'Demo Thinker').getByRole('button', { name: 'Ask again' }).last().click()
      await column(page, 'Demo Thinker').getByText('2 of 2').waitFor()
    },
    { expect: [/400/, /502/] },
  ))

test('answers can be stopped, one or all', () =>
  open(w, '/chat?models=demo/chat,demo/thinker', async (page) => {
    await message(page).fill('Long [[sim:words=2000]]')
    await page.keyboard.press('Enter')
    await column(page, 'Demo Chat').getByText(/You asked/).waitFor()
    await page.getByRole('button', { name: 'Stop Demo Chat' }).click()
    await column(page, 'Demo Chat').getByText('Stopped.').waitFor()
    assert.equal(await column(page, 'Demo Thinker').locator('article[aria-busy=true]').count(), 1)
    await page.keyboard.press('Escape')
    await column(page, 'Demo Thinker').getByText('Stopped.').waitFor()
  }))

test('tools are shown, and go on with a result', () =>
  open(w, '/chat?models=demo/thinker', async (page) => {
    await page.getByRole('button', { name: 'System and tools' }).click()
    const sheet = page.getByRole('dialog', { name: 'System prompt and tools' })
    await sheet.getByLabel('System prompt').fill('You are terse.')
    await sheet.getByLabel('Tools').fill('[{"type": "function"}]')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await sheet.getByText(/Tool 1 has no name/).waitFor()
    await sheet.getByLabel('Tools').fill('')
    await sheet.getByRole('button', { name: 'Begin with an example' }).click()
    await inspect(page, 'chat-settings')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Parameters of Demo Thinker' }).click()
    await page.getByLabel('Reasoning').selectOption('low')
    await page.getByRole('button', { name: 'Save' }).click()
    await ask(page, 'Use get_weather for Paris')
    await page.getByText('"city"').waitFor()
    await page.getByLabel('Result of get_weather').fill('{"sky": "clear", "celsius": 21}')
    await inspect(page, 'chat-tools')
    await page.getByRole('button', { name: 'Send the result' }).click()
    await page.waitForFunction(() => document.querySelectorAll('article[aria-label=Answer]').length === 2)
    await answered(page)
    await page.getByText(/clear/).last().waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  }))

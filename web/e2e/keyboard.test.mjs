// The main flow of pages with no hand at the mouse: every control is reached by Tab, dialogs take the focus and give it back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open, world } from './harness.mjs'
import { chat } from './traffic.mjs'

const w = world()

/** Presses Tab until the focus is on something whose name, or text, is `name`. */
async function tabTo(page, name) {
  const passed = []
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement
      const label = e.labels?.[0]?.firstChild?.textContent
      return (e.getAttribute('aria-label') ?? label ?? e.textContent ?? '').trim()
    })
    if (at === name) return
    passed.push(at)
  }
  assert.fail(`Tab never reached “${name}”; it passed ${passed.join(' | ')}`)
}

const focused = (page, name) => page.waitForFunction((n) => [document.activeElement.getAttribute('aria-label'), document.activeElement.textContent.trim()].includes(n), name)

const actions = [
  ['/keys', 'New key'],
  ['/members', 'Invite'],
  ['/workspaces', 'New workspace'],
  ['/credits', 'Grant credit'],
  ['/byok', 'Add a key'],
  ['/guardrails', 'New guardrail'],
  ['/presets', 'New preset'],
  ['/catalogue', 'Add an endpoint'],
  ['/organization', 'New organisation'],
]

for (const [path, button] of actions) {
  test(`${button} is reached, opened and left at ${path}`, () =>
    open(w, path, async (page) => {
      await page.getByRole('main').getByRole('button', { name: button, exact: true }).first().waitFor()
      await tabTo(page, button)
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      await page.waitForFunction(() => document.querySelector('[role=dialog]')?.contains(document.activeElement))
      for (let i = 0; i < 40; i++) await page.keyboard.press('Tab')
      assert.ok(await dialog.evaluate((d) => d.contains(document.activeElement)), 'Tab leaves the dialog')
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await focused(page, button)
    }))
}

test('a key is made, copied, changed and deleted', () =>
  open(w, '/keys', async (page) => {
    const row = page.getByRole('row').filter({ hasText: 'night shift' })
    await page.getByText('first key').waitFor()
    await tabTo(page, 'New key')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'New key' }).waitFor()
    await page.keyboard.type('day shift')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: /Copy the key/ }).waitFor()
    await tabTo(page, 'Copy key')
    await page.keyboard.press('Enter')
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('sk-or-v1-'))
    await tabTo(page, 'I have copied it')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('row').filter({ hasText: 'day shift' }).waitFor()

    await page.keyboard.press('j')
    while (!(await page.evaluate(() => document.activeElement.textContent.includes('day shift')))) await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'day shift' }).waitFor()
    await tabTo(page, 'Edit')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Edit day shift' }).waitFor()
    await tabTo(page, 'Name')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('night shift')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'night shift', exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await tabTo(page, 'Actions on night shift')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor()
    await page.waitForFunction(() => document.activeElement.role === 'menuitem') // until then the keys are nobody's
    await page.keyboard.press('End')
    await focused(page, 'Delete')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: /Delete/ }).waitFor()
    await tabTo(page, 'Type night shift to confirm')
    await page.keyboard.type('night shift')
    await page.keyboard.press('Enter')
    await row.waitFor({ state: 'detached' })
  }))

test('chat: a model is chosen, asked, stopped, its answer copied', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
    await page.evaluate(() => document.activeElement.blur())
    await tabTo(page, 'Add model')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Model of column 2')
    await page.keyboard.press('Enter')
    const choices = page.getByRole('listbox').getByRole('option')
    await choices.first().waitFor()
    await page.keyboard.type('chat')
    await page.keyboard.press('Enter')
    await choices.first().waitFor({ state: 'detached' })
    await page.getByRole('region', { name: 'Demo Chat 2', exact: true }).waitFor()
    await page.evaluate(() => document.activeElement.blur())
    await page.keyboard.press('c')
    await page.waitForFunction(() => document.activeElement.ariaLabel === 'Message')
    await page.keyboard.type('Long [[sim:words=3000]]')
    await page.keyboard.press('Enter')
    // With no answer between them, the two prompts would be one to the provider, and long again.
    await page.waitForFunction(() => [...document.querySelectorAll('article[aria-busy=true]')].filter((a) => a.textContent.length > 200).length === 2)
    await page.keyboard.press('Escape')
    await page.getByText('Stopped.').nth(1).waitFor()
    await page.keyboard.type('Short')
    await page.keyboard.press('Enter')
    await page.getByText('You asked: “Short”').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]'))
    await page.evaluate(() => document.activeElement.blur())
    await tabTo(page, 'Copy the answer')
    await page.keyboard.press('Enter')
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).length > 10)
  }))

test('logs: narrowed, a request opened, and back', async () => {
  for (const text of ['Hello', 'Hello [[sim:status=503]]']) await chat(w.gateway, w.gateway.key, text)
  await open(w, '/logs', async (page) => {
    await page.getByRole('row').nth(2).waitFor()
    await tabTo(page, 'Errors')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/logs?status=error')
    await page.getByText('1 request', { exact: true }).waitFor()
    await page.keyboard.press('j')
    await page.locator('[data-index="0"]:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Request' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    await page.goBack()
    await page.waitForURL('**/logs?status=error&open=*')
    await page.getByRole('complementary', { name: 'Request' }).waitFor()
  })
})

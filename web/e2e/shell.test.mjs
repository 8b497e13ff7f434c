// The frame: navigation, palette, keys, themes, the phone's layout, pages that are not there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()

test('the palette goes anywhere', () =>
  open(w, '/keys', async (page) => {
    await page.getByText('first key').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search pages, models, commands').fill('thinker')
    await page.getByRole('option', { name: /Demo Thinker/ }).waitFor()
    await inspect(page, 'palette')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/models/demo/thinker')
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search pages, models, commands').fill('theme dark')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await page.reload()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  }))

test('the keys are listed by ?', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await inspect(page, 'hotkeys', { only: ['desktop'] })
  }))

test('the first tab skips to the page', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
  }))

/** Whether the entry of the page is in sight among the entries beside it. */
const inSight = (page) =>
  page.waitForFunction(() => {
    const entry = document.querySelector('nav[aria-label=Pages] [aria-current=page]')
    if (!entry) return false
    const [at, frame] = [entry.getBoundingClientRect(), entry.closest('nav').getBoundingClientRect()]
    return at.top >= frame.top && at.bottom <= frame.bottom
  })

test('the entry of the page is in sight, and stays where one scrolls to', () =>
  open(w, '/system', async (page) => {
    const entries = page.getByRole('navigation', { name: 'Pages' })
    const scrolled = () => entries.evaluate((n) => n.scrollTop)
    await page.getByRole('heading', { name: 'System', level: 1 }).waitFor()
    await inSight(page)
    assert.ok((await scrolled()) > 0, 'the last entry is in sight without scrolling')
    await entries.evaluate((n) => (n.scrollTop = 0))
    await page.getByRole('link', { name: 'Status', exact: true }).click()
    await page.waitForURL('**/status')
    await inSight(page)
    assert.equal(await scrolled(), 0)
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    await page.waitForURL('**/catalogue')
    await inSight(page)
    assert.ok((await scrolled()) > 0)
  }))

test('on a phone the navigation is a drawer', () =>
  open(
    w,
    '/models',
    async (page) => {
      await page.getByRole('button', { name: 'Open navigation' }).tap()
      const drawer = page.getByRole('dialog', { name: 'Navigation' })
      await drawer.getByRole('link', { name: 'Keys', exact: true }).waitFor()
      await inspect(page, 'drawer', { only: ['phone'] })
      await drawer.getByRole('link', { name: 'Keys', exact: true }).tap()
      await page.waitForURL('**/keys')
      await drawer.waitFor({ state: 'detached' })
    },
    { size: 'phone' },
  ))

test('the density is a choice', () =>
  open(w, '/models?all=true', async (page) => {
    const height = async () => (await page.getByRole('row').nth(2).boundingBox()).height
    await page.getByText('needs a key').first().waitFor()
    const before = await height()
    await page.getByRole('button', { name: /^Account of/ }).click()
    await inspect(page, 'account-menu', { only: ['desktop'] })
    await page.getByRole('menuitemradio', { name: 'Compact' }).click()
    await page.waitForFunction((h) => document.querySelectorAll('[role=row]')[2].getBoundingClientRect().height < h, before)
    await inspect(page, 'models-compact', { only: ['desktop'] })
  }))

test('an address without a page says so', () =>
  open(w, '/no/such/page', async (page) => {
    await page.getByText('There is no page here').waitFor()
    await inspect(page, 'not-found')
    await page.getByRole('link', { name: 'Go to the start' }).click()
    await page.waitForURL('**/chat')
  }))

test('a page that is long in coming says that it comes', () =>
  open(w, 'about:blank', async (page) => {
    let answer
    const asked = new Promise((resolve) => (answer = resolve))
    await page.route('**/api/v1/session', async (route) => {
      await asked
      await route.continue()
    })
    await page.goto('/models')
    await page.getByRole('status', { name: 'Loading' }).waitFor()
    answer()
    await page.getByRole('heading', { name: 'Models' }).waitFor()
  }))

test('the workspace stays when the page changes', () =>
  open(w, '/keys', async (page) => {
    const made = await page.request.post('/api/v1/workspaces', { data: { name: 'Research', slug: 'research' } })
    assert.equal(made.status(), 201, await made.text())
    await page.reload()
    await page.getByLabel('Workspace').selectOption('Research')
    await page.waitForURL('**/keys?workspace=research')
    await page.getByText('No key yet').waitFor()
    await inspect(page, 'keys-empty')
    await page.getByRole('link', { name: 'Models' }).click()
    await page.waitForURL('**/models?workspace=research')
  }))

test('programs get text and JSON, not the app', async () => {
  const get = (path, accept) => fetch(w.gateway.url + path, { headers: { Accept: accept } })
  assert.match(await (await get('/', '*/*')).text(), /^Dragoman: one key/)
  const unknown = await get('/api/v1/nothing', 'text/html')
  assert.equal(unknown.status, 404)
  assert.ok((await unknown.json()).error.message)
  assert.equal((await get('/assets/gone-12345678.js', '*/*')).status, 404)
})

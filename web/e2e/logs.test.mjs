// The log of requests.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { callsOfReload, inspect, open, settled, world } from './harness.mjs'
import { chat, traffic } from './traffic.mjs'

const w = world()
const ids = {}

test('the log is empty at first', () =>
  open(w, '/logs', async (page) => {
    await page.getByText('No request yet').waitFor()
  }))

test('requests of several kinds are made', async () => {
  await traffic(w.gateway, 90)
  ids.named = await chat(w.gateway, w.gateway.key, 'Hello', { headers: { 'X-Title': '<img src=x onerror=alert(1)>' } })
  ids.failed = await chat(w.gateway, w.gateway.key, 'Hello [[sim:status=503]]', { model: 'demo/thinker' })
})

test('the log lists them, and makes two calls', () =>
  open(w, '/logs', async (page) => {
    const calls = await callsOfReload(page)
    await page.getByRole('row').nth(20).waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
    await page.getByText('92 requests').waitFor()
    await inspect(page, 'logs')
  }))

test('filters narrow it and are in the address', () =>
  open(w, '/logs', async (page) => {
    await page.getByRole('button', { name: 'Errors' }).click()
    await page.waitForURL('**/logs?status=error')
    await page.getByRole('combobox', { name: 'Models' }).click()
    await page.getByRole('option', { name: /demo\/thinker/ }).click()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/logs?status=error&model=demo/thinker')
    await page.getByText('No request fits').waitFor() // who failed has no model
    await inspect(page, 'logs-none', { only: ['desktop'] })
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Search by id').fill(ids.failed)
    await page.waitForURL(`**/logs?q=${ids.failed}`)
    await page.getByText('1 request', { exact: true }).waitFor()
  }))

test('a link whose times are none shows the log of any time', () =>
  open(w, '/logs?from=yesterday&to=x', async (page) => {
    await page.getByText('92 requests').waitFor()
  }))

test('the keyboard moves through it, shows a request and opens it', () =>
  open(w, '/logs', async (page) => {
    await page.getByRole('row').nth(5).waitFor()
    await page.keyboard.press('j')
    await page.locator('[data-index="0"]:focus').waitFor()
    await page.keyboard.press('j')
    await page.locator('[data-index="1"]:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Request' }).waitFor()
    const first = new URL(page.url()).searchParams.get('open')
    await inspect(page, 'logs-summary')
    await page.keyboard.press('j')
    await page.waitForFunction((id) => new URL(location.href).searchParams.get('open') !== id, first)
    await page.keyboard.press('k')
    await page.waitForFunction((id) => new URL(location.href).searchParams.get('open') === id, first)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/generations/${first}`)
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
  }))

test('new requests come in front without moving what is read', () =>
  open(w, '/logs?live=true', async (page) => {
    await page.getByText('92 requests').waitFor()
    const grid = page.getByRole('grid', { name: 'Requests' })
    const pane = grid.locator('xpath=..')
    await pane.evaluate((el) => el.scrollTo(0, 400))
    const middle = () => pane.evaluate((el) => document.elementFromPoint(el.getBoundingClientRect().left + 40, el.getBoundingClientRect().top + 200)?.closest('[role=row]')?.textContent)
    const seen = await middle()
    await chat(w.gateway, w.gateway.key, 'One more')
    await page.getByText('93 requests').waitFor()
    assert.equal(await middle(), seen)
    await pane.evaluate((el) => el.scrollTo(0, 0))
    await page.locator('.animate-mark').first().waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.waitForURL('**/logs')
  }))

test('columns are chosen, and what is shown is saved', () =>
  open(w, '/logs', async (page) => {
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Session').check()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'Session' }).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save what is shown as CSV' }).click()])
    assert.equal(file.suggestedFilename(), 'requests.csv')
    const text = String(await readFile(await file.path()))
    assert.match(text.split('\r\n')[0], /^id,created_at,status/)
    assert.ok(text.includes(ids.named) && text.split('\r\n').length === 95, text.slice(0, 200))
  }))

test('what failed to load is tried again', () =>
  open(
    w,
    '/keys',
    async (page) => {
      await page.getByRole('heading', { name: 'Keys' }).waitFor()
      await page.route('**/api/v1/generations?**', (route) => route.fulfill({ status: 400, json: { error: { message: 'This went wrong' } } }))
      await page.getByRole('link', { name: 'Logs' }).click()
      await page.getByText('This could not be loaded').waitFor()
      await page.unroute('**/api/v1/generations?**')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('93 requests').waitFor()
    },
    { expect: [/400/] },
  ))

test('ten thousand rows scroll, of which few are in the page', () =>
  open(w, '/keys', async (page) => {
    const [row] = (await (await page.request.get('/api/v1/generations?limit=1')).json()).data
    await page.route('**/api/v1/generations?**', (route) => {
      const url = new URL(route.request().url())
      const before = Number(url.searchParams.get('before') ?? 10_001)
      const data = Array.from({ length: Math.min(200, before - 1) }, (_, i) => ({ ...row, id: `gen-${before - 1 - i}` }))
      return route.fulfill({ json: { data, before: before > 201 ? String(before - 200) : null, after: null, newest: '10000' } })
    })
    await page.getByRole('link', { name: 'Logs' }).click()
    const pane = page.getByRole('grid', { name: 'Requests' }).locator('xpath=..')
    await page.getByRole('row').nth(10).waitFor()
    await page.evaluate(() => {
      globalThis.longTasks = []
      new PerformanceObserver((l) => longTasks.push(...l.getEntries().map((e) => e.duration))).observe({ type: 'longtask' })
    })
    while ((await page.getByText('10,000 requests', { exact: true }).count()) === 0) {
      await pane.evaluate((el) => el.scrollBy(0, 1500))
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    }
    const shown = await page.getByRole('row').count()
    assert.ok(shown < 60, `${shown} rows are in the page`)
    const long = await page.evaluate(() => longTasks)
    console.log(`scrolling 10,000 rows: ${long.length} tasks over 50 ms, the longest ${Math.round(Math.max(0, ...long))} ms`)
    await pane.evaluate((el) => el.scrollTo(0, el.scrollHeight))
    await page.locator('[aria-rowindex="10001"]').waitFor()
  }))

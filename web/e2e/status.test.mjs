// How endpoints are, and when requests failed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCalls } from './calls.mjs'
import { inspect, open, settled, world } from './harness.mjs'
import { chat, traffic } from './traffic.mjs'

const w = world()

test('all is well at first', () =>
  open(w, '/status', async (page) => {
    const calls = countCalls(page)
    await page.reload()
    await page.getByText(/All \d+ endpoints are as they should be/).waitFor()
    await page.getByText('There was none').waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
    await inspect(page, 'status-well', { only: ['desktop'] })
  }))

test('an endpoint that fails, and an hour in which much failed, are shown', async () => {
  await traffic(w.gateway, 12)
  for (let i = 0; i < 8; i++) await chat(w.gateway, w.gateway.key, 'Hello [[sim:status=500]]')
  await open(w, '/status', async (page) => {
    await page.getByText(/\d+ (failing|out of service).* of \d+ endpoints/).waitFor()
    await page.getByRole('list', { name: 'Incidents' }).getByRole('listitem').waitFor()
    await inspect(page, 'status')
    await page.getByLabel('Only troubled').check()
    await page.waitForURL('**?troubled=true')
    await page.getByRole('table', { name: 'Endpoints' }).scrollIntoViewIfNeeded()
    await inspect(page, 'status-troubled')
    await page.getByRole('link', { name: 'In the log' }).click()
    await page.waitForURL('**/logs?status=error**')
    await page.getByRole('row').nth(5).waitFor()
  })
})

test('what failed to load is tried again', () =>
  open(
    w,
    '/keys',
    async (page) => {
      await page.getByRole('heading', { name: 'Keys' }).waitFor()
      await page.route('**/api/v1/health/endpoints', (route) => route.fulfill({ status: 400, json: { error: { message: 'This went wrong' } } }))
      await page.getByRole('link', { name: 'Status' }).click()
      await page.getByText('This could not be loaded').waitFor()
      await page.unroute('**/api/v1/health/endpoints')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('heading', { name: 'Endpoints' }).waitFor()
    },
    { expect: [/400/] },
  ))

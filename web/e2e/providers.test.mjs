// Providers, and the page of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callsOfReload, inspect, open, settled, world } from './harness.mjs'
import { traffic } from './traffic.mjs'

const w = world()

test('those that can be called are listed, all on demand', () =>
  open(w, '/providers', async (page) => {
    await page.getByText('4 providers').waitFor()
    await page.getByLabel('Also without a key').check()
    await page.waitForURL('**?all=true')
    await page.getByText('needs a key').first().waitFor()
    await inspect(page, 'providers-all')
    await page.getByLabel('Data').selectOption('keeps-nothing')
    await page.getByLabel('Search providers').fill('bedrock')
    await page.getByText('Amazon Bedrock').waitFor()
    await page.getByLabel('Search providers').fill('no such provider')
    await page.getByText('No provider fits').waitFor()
  }))

test('a provider says what is declared about data, and what it serves', () =>
  open(w, '/providers/anthropic', async (page) => {
    await page.getByRole('heading', { name: 'Data policy' }).waitFor()
    await page.getByText('None was answered by Anthropic').waitFor()
    await page.getByRole('region', { name: 'Models' }).getByRole('link').first().waitFor()
  }))

test('it shows the requests that it answered, in three calls', async () => {
  await traffic(w.gateway, 12)
  await open(w, '/providers/demo-amber', async (page) => {
    const calls = await callsOfReload(page)
    await page.locator('canvas').waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
    await inspect(page, 'provider-used')
  })
})

test('a provider that is none says so', () =>
  open(
    w,
    '/providers/nobody',
    async (page) => {
      await page.getByText('There is no such provider').waitFor()
    },
    { expect: [/404/] },
  ))

test('what failed to load is tried again', () =>
  open(
    w,
    '/keys',
    async (page) => {
      await page.getByRole('heading', { name: 'Keys' }).waitFor()
      await page.route('**/api/v1/providers?**', (route) => route.fulfill({ status: 400, json: { error: { message: 'This went wrong' } } }))
      await page.getByRole('link', { name: 'Providers', exact: true }).click()
      await page.getByText('This could not be loaded').waitFor()
      await page.unroute('**/api/v1/providers?**')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('4 providers').waitFor()
    },
    { expect: [/400/] },
  ))

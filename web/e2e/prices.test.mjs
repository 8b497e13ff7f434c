// What models cost for one's own traffic, and how they did with it.
import { test } from 'node:test'
import { inspect, open, settled, world } from './harness.mjs'
import { traffic } from './traffic.mjs'

const w = world()

test('typed traffic is priced', () =>
  open(w, '/models?all=true', async (page) => {
    await page.getByRole('button', { name: 'Price my traffic' }).click()
    await page.waitForURL('**traffic=mine**')
    await page.getByText('No chat request in the last 30 days').waitFor()
    await page.getByRole('button', { name: 'Typed' }).click()
    await page.waitForURL('**traffic=10000-1500-300**')
    await page.getByRole('columnheader', { name: 'Cost' }).waitFor()
    await page.getByLabel('Search models').fill('demo chat')
    await page.getByRole('row', { name: /demo\/chat/ }).getByText('$2.70').waitFor()
    await inspect(page, 'models-priced')
  }))

test('the traffic of the last 30 days is priced', async () => {
  await traffic(w.gateway, 16)
  await open(w, '/models?traffic=mine&sort=cost', async (page) => {
    await page.getByText(/16 requests/).waitFor()
    await inspect(page, 'models-priced-mine', { only: ['desktop'] })
    await page.getByRole('button', { name: 'No longer price traffic' }).click()
    await page.getByRole('button', { name: 'Price my traffic' }).waitFor()
  })
})

test('a model shows how its endpoints did', () =>
  open(w, '/models/demo/chat?tab=performance&last=24h', async (page) => {
    await page.locator('canvas').nth(2).waitFor()
    await settled(page)
    await inspect(page, 'model-performance')
  }))

test('a model that answered nothing says so', () =>
  open(w, '/models/openai/gpt-5?tab=performance', async (page) => {
    await page.getByText('No request was answered by this model in this time').waitFor()
    await inspect(page, 'model-performance-empty', { only: ['desktop'] })
  }))

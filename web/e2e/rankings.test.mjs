// What is used most.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCalls } from './calls.mjs'
import { open, settled, world } from './harness.mjs'
import { traffic } from './traffic.mjs'

const w = world()

test('nothing is ranked at first', () =>
  open(w, '/rankings', async (page) => {
    await page.getByText('Nothing was used in this time').waitFor()
  }))

test('models, providers and apps are ranked', async () => {
  await traffic(w.gateway, 24)
  await open(w, '/rankings', async (page) => {
    const calls = countCalls(page)
    await page.reload()
    const ranking = page.getByRole('list', { name: 'Ranking' })
    await ranking.getByText('demo/thinker').waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
    await page.getByRole('button', { name: 'Apps' }).click()
    await ranking.getByText('Code review').waitFor()
    await page.getByRole('button', { name: 'Requests' }).click()
    await page.waitForURL('**/rankings?of=apps&by=requests')
    await page.getByRole('button', { name: 'Models' }).click()
    await ranking.getByRole('link', { name: 'demo/chat' }).click()
    await page.waitForURL('**/models/demo/chat')
  })
})

// Requests that belong together.
import { test } from 'node:test'
import { open, world } from './harness.mjs'
import { chat, traffic } from './traffic.mjs'

const w = world()

test('there is no session at first', () =>
  open(w, '/sessions', async (page) => {
    await page.getByText('No session yet').waitFor()
  }))

test('sessions are listed, and lead to their requests', async () => {
  await traffic(w.gateway, 24)
  await chat(w.gateway, w.gateway.key, 'Hello', { session_id: '<b>bold</b>' })
  await open(w, '/sessions', async (page) => {
    await page.getByText('5 sessions').waitFor()
    await page.getByText('<b>bold</b>').waitFor() // stays a text
    await page.getByLabel('Search sessions').fill('case-1001')
    await page.getByText('1 session', { exact: true }).waitFor()
    await page.getByRole('row', { name: /case-1001/ }).click()
    await page.waitForURL('**/logs?session=case-1001')
    await page.getByText('2 requests').waitFor()
  })
})

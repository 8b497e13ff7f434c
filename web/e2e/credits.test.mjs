// Credits: nothing yet, granted once, listed with who did it; and to who may not, not offered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

test('credit is granted and stands in the history', () =>
  open(w, '/credits', async (page) => {
    await page.request.post('/api/v1/chat/completions', { data: { model: 'demo/chat', messages: [{ role: 'user', content: 'Hello' }] } })
    await page.reload()
    await page.getByText('more is used than granted').waitFor()
    assert.equal(await page.getByText('of what was granted').count(), 0) // a share of nothing
    await page.getByText('Nothing was granted yet').waitFor()
    await page.getByRole('button', { name: 'Grant credit' }).first().click()
    await page.waitForURL('**/credits?form=grant')
    const form = page.getByRole('dialog', { name: 'Grant credit' })
    await form.getByLabel('Amount').fill('much')
    await form.getByRole('button', { name: 'Grant', exact: true }).click()
    await form.getByText('An amount such as 100 or 2.50').waitFor()
    await form.getByLabel('Amount').fill('250')
    await form.getByLabel('Note').fill('<b>Invoice</b> 2026-117')
    await inspect(page, 'credits-grant')
    await form.getByRole('button', { name: 'Grant', exact: true }).click()
    await row(page, '<b>Invoice</b> 2026-117').getByText(owner.name).waitFor()
    await page.request.post('/api/v1/credits/grant', { data: { amount: 1000, note: 'Pilot of the support desk' } })
    await page.request.post('/api/v1/chat/completions', { data: { model: 'demo/chat', messages: [{ role: 'user', content: 'Hello! '.repeat(300) }] } })
    await page.reload()
    await row(page, 'Pilot of the support desk').getByText('$1,000.00').waitFor()
    await inspect(page, 'credits')
  }))

test('a history that fails leaves the balance', () =>
  open(
    w,
    '/settings',
    async (page) => {
      let broken = true
      await page.route('**/api/v1/credits/history*', (r) => (broken ? r.fulfill({ status: 400, json: { error: { code: 400, message: 'The store is being moved' } } }) : r.continue()))
      await page.getByRole('link', { name: 'Credits' }).click()
      await page.getByText('The store is being moved').waitFor()
      await page.getByText('Balance').waitFor()
      await inspect(page, 'credits-error', { only: ['desktop'] })
      broken = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await row(page, 'Pilot of the support desk').waitFor()
    },
    { expect: [/400/] },
  ))

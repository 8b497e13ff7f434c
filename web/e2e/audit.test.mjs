// The audit log and the state of the system.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

test('the log is searched, narrowed and opened', () =>
  open(w, '/audit', async (page) => {
    for (const name of ['alpha', 'beta <script>document.title="pwned"</script>']) await page.request.post('/api/v1/workspaces', { data: { name, slug: name.split(' ')[0] } })
    await page.reload()
    await row(page, 'workspace.create').first().getByText(owner.name).waitFor()
    await page.getByRole('combobox', { name: 'Action' }).click()
    await page.getByRole('option', { name: 'workspace.create' }).click()
    await page.waitForURL(/action=workspace.create/)
    await page.getByRole('searchbox').fill('beta')
    await row(page, 'workspace.create').first().click()
    await page.waitForURL(/entry=\d+/)
    const sheet = page.getByRole('dialog', { name: 'workspace.create' })
    await sheet.getByText('"slug": "beta"').waitFor()
    await inspect(page, 'audit-entry')
    const [entry] = (await (await page.request.get('/api/v1/audit?limit=1')).json()).data
    await sheet.getByText(entry.hash).waitFor()
    assert.match(await page.title(), /Audit log/)
    await page.reload()
    await page.getByRole('dialog', { name: 'workspace.create' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByLabel('To', { exact: true }).fill('2020-01-01')
    await page.getByText('No entry matches').waitFor()
  }))

test('days are those of where one is', async () => {
  const timezoneId = new Date().getUTCHours() < 11 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati' // where it is another day now
  const context = await w.browser.newContext({ baseURL: w.gateway.url, storageState: w.state, timezoneId })
  try {
    const page = await context.newPage()
    const today = new Intl.DateTimeFormat('sv', { timeZone: timezoneId }).format()
    await page.goto(`/audit?from=${today}&to=${today}`)
    await page.getByRole('row').nth(1).waitFor()
  } finally {
    await context.close()
  }
})

test('the system says how it is', () =>
  open(w, '/system', async (page) => {
    await page.getByText('writable').waitFor()
  }))

test('readings that fail are asked for again', () =>
  open(
    w,
    '/settings',
    async (page) => {
      let broken = true
      for (const path of ['audit', 'system']) await page.route(`**/api/v1/${path}*`, (r) => (broken ? r.fulfill({ status: 400, json: { error: { code: 400, message: 'The store is being moved' } } }) : r.continue()))
      await page.getByRole('link', { name: 'System' }).click()
      await page.getByText('The store is being moved').waitFor()
      await page.getByRole('link', { name: 'Audit log' }).click()
      await page.getByRole('heading', { name: 'Audit log' }).waitFor()
      await page.getByText('The store is being moved').waitFor()
      broken = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await row(page, owner.name).first().waitFor()
    },
    { expect: [/400/] },
  ))

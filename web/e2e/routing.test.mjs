// Routing: the workspace's order, and a dry run that explains itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()

test('a dry run shows every endpoint and why', () =>
  open(w, '/routing', async (page) => {
    await page.getByText('Choose a model', { exact: true }).last().waitFor()
    await page.getByRole('combobox', { name: 'Model' }).click()
    await page.getByRole('option', { name: 'demo/chat', exact: true }).click()
    await page.waitForURL(/model=demo\/chat/)
    const tried = page.getByRole('table', { name: 'Endpoints that would be tried' })
    await tried.getByRole('row').nth(1).waitFor()
    await page.getByLabel('Order', { exact: true }).selectOption('price')
    await page.waitForURL(/sort=price/)
    await tried.getByText('price').first().waitFor()
    await page.reload()
    await tried.getByText('price').first().waitFor()
    await page.getByLabel('Zero data retention').click()
    await page.waitForURL(/zdr=true/)
    await page.getByText(/zdr/i).first().waitFor()
    await inspect(page, 'routing-zdr')
  }))

test('the order of a workspace is changed, and that is undone', () =>
  open(w, '/routing?model=demo/chat', async (page) => {
    const order = page.getByLabel('Order of endpoints')
    await order.selectOption('latency')
    await page.getByText('The order is changed').waitFor()
    const sort = async () => (await (await page.request.get('/api/v1/workspaces/default')).json()).data.default_provider_sort
    assert.equal(await sort(), 'latency')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.waitForFunction(() => document.querySelector('select[aria-label="Order of endpoints"]').value === '')
    assert.equal(await sort(), null)
  }))

test('a model that is not there is said', () =>
  open(
    w,
    '/routing?model=nobody/nothing',
    async (page) => {
      await page.getByText('This could not be loaded').or(page.getByText('The request would be refused')).waitFor()
      await inspect(page, 'routing-error', { only: ['desktop'] })
    },
    { expect: [/40[04]/] },
  ))

// Activity: sums over requests.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { countCalls } from './calls.mjs'
import { inspect, open, settled, world } from './harness.mjs'
import { traffic } from './traffic.mjs'

const w = world()

test('requests of several kinds are made', () => traffic(w.gateway, 60))

test('activity adds it up, and makes three calls beside the session’s', () =>
  open(w, '/activity?period=24h', async (page) => {
    const calls = countCalls(page)
    await page.reload()
    await page.getByRole('region', { name: 'By model' }).waitFor()
    await page.locator('canvas').waitFor()
    await settled(page)
    assert.ok(calls.length <= 4, calls.join('\n'))
    await inspect(page, 'activity')
  }))

test('a click goes deeper, and to the log', () =>
  open(w, '/activity?period=24h&by=key', async (page) => {
    await page.getByRole('group', { name: 'Totals' }).getByRole('button', { name: /^Requests/ }).click()
    await page.waitForURL('**metric=requests**')
    await page.getByRole('button', { name: 'Support desk, production' }).click()
    await page.getByRole('list', { name: 'Narrowed to' }).waitFor()
    await page.getByRole('heading', { name: 'Requests by model' }).waitFor()
    await inspect(page, 'activity-narrowed', { only: ['desktop'] })
    await page.getByRole('link', { name: 'Requests of demo/thinker in the log' }).click()
    await page.waitForURL('**/logs?**')
    await page.getByRole('row').nth(2).waitFor()
    const url = new URL(page.url())
    assert.equal(url.searchParams.get('model'), 'demo/thinker')
    assert.equal(url.searchParams.get('key')?.length, 64)
    await page.goBack()
    await page.getByRole('heading', { name: 'Requests by model' }).waitFor()
  }))

test('activity is saved as CSV and PNG', () =>
  open(w, '/activity?period=24h&compare=true', async (page) => {
    await page.locator('canvas').waitFor()
    await settled(page)
    const save = async (what) => {
      await page.getByRole('button', { name: 'Save' }).click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: what }).click()])
      return readFile(await file.path())
    }
    assert.match(String(await save('The list as CSV')), /^model,/)
    assert.equal(String(await save('The chart’s values as CSV')).trim().split('\r\n').length, 25)
    const image = await save('The chart as PNG')
    assert.equal(image.subarray(1, 4).toString(), 'PNG')
    await writeFile(new URL('screenshots/activity-saved.png', import.meta.url), image)
  }))

test('a time without requests says so', () =>
  open(w, '/activity?period=custom&from=2020-01-01&to=2020-01-31', async (page) => {
    await page.getByText('No request in this time').waitFor()
    await inspect(page, 'activity-empty', { only: ['desktop'] })
  }))

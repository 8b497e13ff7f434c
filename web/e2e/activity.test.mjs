// Activity: sums over requests.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { callsOfReload, inspect, open, settled, world } from './harness.mjs'
import { chat, traffic } from './traffic.mjs'

const w = world()

test('requests of several kinds are made', () => traffic(w.gateway, 60))

test('activity adds it up, in two calls beside the session’s', () =>
  open(w, '/activity?period=24h', async (page) => {
    const calls = await callsOfReload(page)
    await page.getByRole('region', { name: 'By model' }).waitFor()
    await page.locator('canvas').waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
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

/** What the menu saves, as bytes. */
async function save(page, what) {
  await page.locator('canvas').waitFor()
  await settled(page)
  await page.getByRole('button', { name: 'Save' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: what }).click()])
  return readFile(await file.path())
}

test('activity is saved as CSV and PNG', () =>
  open(w, '/activity?period=24h&compare=true', async (page) => {
    assert.match(String(await save(page, 'The list as CSV')), /^model,/)
    assert.equal(String(await save(page, 'The chart’s values as CSV')).trim().split('\r\n').length, 25)
    const image = await save(page, 'The chart as PNG')
    assert.equal(image.subarray(1, 4).toString(), 'PNG')
    await writeFile(new URL('screenshots/activity-saved.png', import.meta.url), image)
  }))

test('many groups are asked for apart, and the figures are the same', () =>
  open(w, '/activity?period=24h&by=outcome&metric=requests&compare=true', async (page) => {
    const shown = async () => [String(await save(page, 'The chart’s values as CSV')), await page.getByRole('group', { name: 'Totals' }).innerText()]
    const few = await shown()
    await page.route('**/api/v1/analytics/query', async (route) => {
      const answer = await route.fetch()
      const json = await answer.json()
      if (!route.request().postDataJSON().granularity) json.data.metadata.truncated = true // the list says that there are more
      await route.fulfill({ response: answer, json })
    })
    const calls = await callsOfReload(page)
    assert.deepEqual(await shown(), few)
    assert.ok(calls.length === 3 && calls.some((c) => c.endsWith('/analytics/queries')), calls.join('\n'))
  }))

test('a median is compared with the one before', () =>
  open(w, '/activity?period=24h&metric=latency&compare=true', async (page) => {
    assert.match(String(await save(page, 'The chart’s values as CSV')), /^time_utc,.*All, the 24 hours before/)
  }))

test('a time without requests says so', () =>
  open(w, '/activity?period=custom&from=2020-01-01&to=2020-01-31', async (page) => {
    await page.getByText('No request in this time').waitFor()
    await inspect(page, 'activity-empty', { only: ['desktop'] })
  }))

test('all workspaces are added up where one wants that', () =>
  open(w, '/activity?period=24h', async (page) => {
    const post = async (path, data) => (await page.request.post(`/api/v1${path}`, { data })).json()
    const requests = page.getByRole('group', { name: 'Totals' }).getByRole('button', { name: /^Requests/ })
    const before = Number(await requests.getByText(/^\d+$/).innerText())
    const { data: second } = await post('/workspaces', { name: 'Second', slug: 'second' })
    const { key } = await post('/keys', { name: 'of the second', workspace_id: second.id })
    await chat(w.gateway, key, 'Hello')
    await page.goto('/activity?period=24h&workspace=second')
    await requests.getByText('1', { exact: true }).waitFor()
    await page.getByLabel('Workspace').selectOption({ label: 'All workspaces' })
    await requests.getByText(String(before + 1), { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    await page.getByRole('heading', { name: 'Keys' }).waitFor()
    assert.deepEqual(await page.getByLabel('Workspace').locator('option').allInnerTexts(), ['Default workspace', 'Second'])
    await page.getByRole('link', { name: 'Activity', exact: true }).click()
    await requests.getByText(String(before + 1), { exact: true }).waitFor()
  }))

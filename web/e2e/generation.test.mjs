// The page of one request.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callsOfReload, inspect, open, settled, world } from './harness.mjs'
import { chat } from './traffic.mjs'

const w = world()
const ids = {}

test('a request that fell back, and one that failed, are made', async () => {
  await logContents()
  ids.fellBack = await chat(w.gateway, w.gateway.key, 'Hello [[sim:status=500,on=demo-amber]]', {
    stream: true,
    top_k: 3,
    session_id: 'case-1',
    provider: { order: ['demo-amber', 'demo-cobalt'], ignore: ['demo-dune'] },
    headers: { 'X-Dragoman-Receipt': 'true', 'X-Title': '<img src=x onerror=alert(1)>' },
  })
  ids.failed = await chat(w.gateway, w.gateway.key, 'Hello [[sim:status=503]]', { model: 'demo/thinker' })
})

/** Turns the logging of prompts and answers on, for the page's guarded part. */
async function logContents() {
  const headers = { Authorization: `Bearer ${w.gateway.managementKey}`, 'Content-Type': 'application/json' }
  const { data } = await (await fetch(`${w.gateway.url}/api/v1/workspaces`, { headers })).json()
  const response = await fetch(`${w.gateway.url}/api/v1/workspaces/${data[0].id}`, { method: 'PATCH', headers, body: JSON.stringify({ is_observability_io_logging_enabled: true }) })
  assert.equal(response.status, 200, await response.text())
}

test('a request that fell back is explained', () =>
  open(w, `/generations/${ids.fellBack}`, async (page) => {
    const calls = await callsOfReload(page)
    await page.getByRole('heading', { name: 'Routing' }).waitFor()
    await settled(page)
    assert.ok(calls.length <= 3, calls.join('\n'))
    await page.getByText('An ignored provider').waitFor()
    await page.getByText('system:revenue').waitFor()
    await page.getByText('<img src=x onerror=alert(1)>').waitFor() // an app's name stays a text
    await inspect(page, 'generation')
    await page.getByRole('button', { name: 'Left out' }).click()
    await page.waitForURL('**?shown=out')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText('The signature is this gateway’s').waitFor()
  }))

test('looking at what was said is guarded, and recorded', () =>
  open(w, `/generations/${ids.fellBack}`, async (page) => {
    await page.getByRole('button', { name: 'Look at it' }).click()
    await page.getByRole('region', { name: 'user' }).getByText('Hello [[sim:status=500,on=demo-amber]]').waitFor()
    await inspect(page, 'generation-content', { only: ['desktop'] })
    const audit = await page.request.get('/api/v1/audit')
    assert.match(await audit.text(), /content\.view/)
    await page.getByRole('button', { name: 'Say what is wrong' }).click()
    await page.getByLabel('What is wrong').selectOption('formatting')
    await page.getByLabel('Comment').fill('<script>alert(1)</script> in the third line')
    await page.getByRole('button', { name: 'Keep it' }).click()
    await page.getByText('<script>alert(1)</script> in the third line').waitFor()
  }))

test('a request that failed says why', () =>
  open(w, `/generations/${ids.failed}`, async (page) => {
    await page.getByRole('alert').waitFor()
    await inspect(page, 'generation-failed')
    await page.getByRole('button', { name: 'JSON' }).click()
    await page.waitForURL('**?view=json')
    const text = await page.getByRole('group', { name: 'Record' }).textContent()
    const seed = /"seed": (\d+)/.exec(text)?.[1]
    assert.ok(seed && !seed.endsWith('000000'), `the seed ${seed} is rounded`)
    await inspect(page, 'generation-json', { only: ['desktop'] })
  }))

test('a request that is not there says so', () =>
  open(w, '/generations/gen-nothing', async (page) => {
    await page.getByText('This request could not be loaded').waitFor()
  }, { expect: [/404/] }))

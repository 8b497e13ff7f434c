// Destinations: added by a form of their type, tried, told of requests, edited without their secrets, deleted.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world({ config: async () => 'observability:\n  private: true\n' })
const row = (page, name) => page.getByRole('list', { name: 'Destinations' }).getByRole('listitem').filter({ hasText: name })

/** A collector that knows its key. */
const collector = createServer((req, res) => req.resume().on('end', () => res.writeHead(req.headers['api-key'] === 'secret-of-collector' ? 200 : 403).end()))
let address
before(async () => {
  await new Promise((resolve) => collector.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${collector.address().port}`
})
after(() => {
  collector.closeAllConnections()
  collector.close()
})

async function choose(page, form, type) {
  await form.getByRole('combobox', { name: 'Type' }).click()
  await page.getByPlaceholder('Search').fill(type)
  await page.getByRole('option', { name: type, exact: true }).click()
}

test('a destination is added by the form of its type, and tried', () =>
  open(w, '/destinations', async (page) => {
    await page.getByText('No destination', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Add a destination' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a destination' })
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('Choose a type', { exact: true }).last().waitFor()
    await choose(page, form, 'S3 or compatible')
    await form.getByLabel('Secret access key').waitFor()
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('This is needed').first().waitFor()
    await inspect(page, 'destinations-new')
    await choose(page, form, 'OpenTelemetry collector')
    await form.getByLabel('Name', { exact: true }).fill('collector')
    await form.getByLabel('Endpoint').fill(address)
    await form.getByLabel('Headers').fill('no header')
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('One on each line').waitFor()
    await form.getByLabel('Headers').fill('Api-Key: wrong')
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.waitFor({ state: 'detached' })
    await page.getByText('is kept, but does not take the test: it answered 403').waitFor()
    await row(page, 'collector').getByText('The last call failed: it answered 403').waitFor()
  }))

test('its secrets can be replaced and are not shown', () =>
  open(w, '/destinations', async (page) => {
    await page.getByRole('button', { name: 'Actions on collector' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const form = page.getByRole('dialog', { name: 'Edit collector' })
    assert.equal(await form.getByLabel('Headers').inputValue(), 'Api-Key: ***')
    assert.equal(await form.getByLabel('Endpoint').inputValue(), address)
    await form.getByLabel('Headers').fill('Api-Key: secret-of-collector')
    await form.getByLabel('Cost').click()
    await form.getByRole('button', { name: 'Save and test' }).click()
    await page.getByText('collector takes what it is sent').waitFor()
    await row(page, 'collector').getByText('every request; cost').waitFor()
    assert.equal(await row(page, 'collector').getByText('The last call failed').count(), 0)
    assert.ok(!(await page.content()).includes('secret-of-collector'), 'the secret is still in the page')
  }))

const destination = async (page, name) => (await (await page.request.get('/api/v1/observability/destinations')).json()).data.find((d) => d.name === name)

test('keys and rules choose which requests it is told of', () =>
  open(
    w,
    '/destinations',
    async (page) => {
      await page.request.post('/api/v1/keys', { data: { name: 'shop' } })
      const edit = async () => {
        await page.getByRole('button', { name: 'Actions on collector' }).click()
        await page.getByRole('menuitem', { name: 'Edit' }).click()
      }
      await edit()
      const form = page.getByRole('dialog', { name: 'Edit collector' })
      const save = form.getByRole('button', { name: 'Save and test' })
      await form.getByRole('combobox', { name: 'Of keys' }).click()
      await page.getByRole('option', { name: /^shop/ }).click()
      await page.keyboard.press('Escape')
      await form.getByRole('button', { name: 'Add a rule' }).click()
      await form.getByLabel('How rule 1 compares').selectOption('matches')
      await save.click()
      await form.getByText('A value for each').waitFor()
      await form.getByLabel('Value of rule 1').fill('demo/(')
      await save.click()
      await form.getByText('RE2 syntax').waitFor() // the gateway's word about it
      await form.getByLabel('Value of rule 1').fill('demo/.*')
      await form.getByRole('button', { name: 'Add a rule to the group' }).click()
      await form.getByLabel('What rule 2 looks at').selectOption('Cost in $')
      await form.getByLabel('How rule 2 compares').selectOption('is at least')
      await form.getByLabel('Value of rule 2').fill('much')
      await save.click()
      await form.getByText('A number, such as').waitFor()
      await form.getByLabel('Value of rule 2').fill('0.05')
      await form.getByLabel('Of rules 1 to 2').selectOption('Any of these holds')
      await form.getByRole('button', { name: 'Add a group' }).click()
      await form.getByLabel('What rule 3 looks at').selectOption('Session')
      await form.getByLabel('How rule 3 compares').selectOption('is there')
      assert.equal(await form.getByLabel('Value of rule 3').count(), 0)
      await form.getByLabel('How rule 3 compares').scrollIntoViewIfNeeded()
      await inspect(page, 'destinations-rules')
      await save.click()
      await row(page, 'collector').getByText('every request of 1 key that its rules choose').waitFor()
      const { api_key_names, filter_rules } = await destination(page, 'collector')
      assert.deepEqual(api_key_names, ['shop'])
      const groups = [
        { logic: 'or', rules: [{ field: 'model', operator: 'regex', value: 'demo/.*' }, { field: 'total_cost', operator: 'gte', value: '0.05' }] },
        { logic: 'and', rules: [{ field: 'session_id', operator: 'exists', value: '' }] },
      ]
      assert.deepEqual(filter_rules, { enabled: true, groups })
      await edit()
      await form.getByRole('combobox', { name: 'Of keys' }).getByText('shop').waitFor()
      await form.getByLabel('The rules are in force').uncheck()
      await save.click()
      await row(page, 'collector').getByText('every request of 1 key; cost').waitFor()
      await edit()
      for (const n of [3, 2, 1]) await form.getByRole('button', { name: `Take rule ${n} away` }).click()
      await form.getByRole('combobox', { name: 'Of keys' }).click()
      await page.getByRole('option', { name: /^shop/ }).click()
      await page.keyboard.press('Escape')
      await save.click()
      await row(page, 'collector').getByText('every request; cost').waitFor()
      const after = await destination(page, 'collector')
      assert.deepEqual([after.api_key_hashes, after.filter_rules], [null, null])
    },
    { expect: [/400/] },
  ))

test('it is told of requests once the workspace lets it', () =>
  open(w, '/destinations', async (page) => {
    const tells = page.getByRole('switch', { name: 'Tell destinations of requests' })
    await tells.click()
    await page.getByText('Destinations get the requests of').waitFor()
    assert.equal(await tells.getAttribute('aria-checked'), 'true')
    const asked = await fetch(`${w.gateway.url}/api/v1/chat/completions`, { method: 'POST', headers: { Authorization: `Bearer ${w.gateway.key}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ model: 'demo/chat', messages: [{ role: 'user', content: 'hello' }] }) })
    assert.equal(asked.status, 200)
    for (const deadline = Date.now() + 10_000; ; await page.reload()) {
      await row(page, 'collector').waitFor()
      if (await row(page, 'collector').getByText('1 request told').count()) break
      assert.ok(Date.now() < deadline, 'it was not told')
    }
    for (const [name, config] of [
      ['lost', { type: 'webhook', config: { url: 'http://127.0.0.1:9/x' } }],
      ['warehouse', { type: 'clickhouse', config: { host: address, database: 'analytics', username: 'default', password: 'p' }, sampling_rate: 0.25, privacy_mode: true, enabled: false }],
    ]) {
      const made = await page.request.post('/api/v1/observability/destinations', { data: { name, ...config } })
      assert.equal(made.status(), 201, await made.text())
    }
    await page.reload()
    await page.getByRole('button', { name: 'Test lost' }).click()
    await row(page, 'lost').getByText('The last call failed: it cannot be reached').waitFor()
    await row(page, 'warehouse').getByText('25% of requests; never prompts and answers').waitFor()
    await page.reload() // without the word about the test
    await row(page, 'warehouse').waitFor()
    await inspect(page, 'destinations')
  }))

test('it is disabled, which can be undone, and deleted', () =>
  open(w, '/destinations', async (page) => {
    await page.getByRole('button', { name: 'Actions on lost' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await row(page, 'lost').getByText('disabled').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'lost').getByText('disabled').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Actions on lost' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete destination' }).click()
    await row(page, 'lost').waitFor({ state: 'detached' })
  }))

test('loading and an error', () =>
  open(
    w,
    '/chat',
    async (page) => {
      let answer
      const held = new Promise((resolve) => (answer = resolve))
      await page.route('**/observability/destinations?*', async (r) => {
        await held
        await r.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":503,"message":"The store is closed"}}' })
      })
      await page.goto('/destinations')
      await page.getByRole('heading', { name: 'Destinations' }).waitFor()
      answer()
      await page.getByText('The store is closed').waitFor({ timeout: 20_000 })
    },
    { expect: [/503/] },
  ))

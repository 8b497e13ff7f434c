// Keys: made, shown once, used, changed, rotated, disabled, deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

async function act(page, name, action) {
  await page.getByRole('button', { name: `Actions on ${name}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('a key is made with all that it can be told, and shown once', () =>
  open(w, '/keys', async (page) => {
    await page.getByRole('button', { name: 'New key' }).click()
    await page.waitForURL('**/keys?key=new')
    const form = page.getByRole('dialog', { name: 'New key' })
    await form.getByLabel('Limit').fill('a lot')
    await form.getByRole('button', { name: 'Create key' }).click()
    await form.getByText('A name by which you will know the key').waitFor()
    await form.getByText('An amount such as 25 or 2.50, or nothing').waitFor()
    await inspect(page, 'keys-new')
    await form.getByLabel('Name').fill('checkout service')
    await form.getByLabel('Limit').fill('25')
    await form.getByLabel('For').selectOption('monthly')
    await form.getByLabel('Requests a minute').fill('600')
    await form.getByRole('combobox', { name: 'Models' }).click()
    await page.getByRole('option', { name: 'demo/chat' }).click()
    await page.keyboard.press('Escape')
    await form.getByLabel('Ends').fill('2040-01-31')
    await form.getByLabel('Labels').fill('team=shop\nstage=live')
    await form.getByRole('button', { name: 'Create key' }).click()

    const once = page.getByRole('dialog', { name: /Copy the key/ })
    await once.waitFor()
    await inspect(page, 'keys-shown-once')
    const key = await once.getByLabel('Key', { exact: true }).innerText()
    assert.match(key, /^sk-or-v1-[0-9a-f]{64}$/)
    const answer = await page.request.post('/api/v1/chat/completions', {
      headers: { Authorization: `Bearer ${key}` },
      data: { model: 'demo/chat', messages: [{ role: 'user', content: 'Hello!' }] },
    })
    assert.equal(answer.status(), 200)
    await once.getByRole('button', { name: 'I have copied it' }).click()
    await row(page, 'checkout service').waitFor()
    assert.ok(!(await page.content()).includes(key), 'the key is still in the page')
  }))

test('the list and the details show what a key spent and may do', () =>
  open(w, '/keys', async (page) => {
    await row(page, 'checkout service').getByText('of $25.00').waitFor()
    await inspect(page, 'keys')
    await row(page, 'checkout service').click()
    await page.waitForURL(/key=[0-9a-f]{64}/)
    const details = page.getByRole('dialog', { name: 'checkout service' })
    await details.getByText('stage=live, team=shop').waitFor()
    await details.locator('canvas').waitFor()
    await inspect(page, 'keys-details')
    await page.reload()
    await details.getByRole('link', { name: 'Requests' }).click()
    await page.waitForURL(/logs\?.*key=[0-9a-f]{64}/)
    await row(page, 'checkout service').waitFor()
  }))

test('what the gateway refuses is shown at its field', () =>
  open(
    w,
    '/keys',
    async (page) => {
      await row(page, 'checkout service').click()
      await page.getByRole('button', { name: 'Edit' }).click()
      const form = page.getByRole('dialog', { name: 'Edit checkout service' })
      await form.getByLabel('Allowed addresses').fill('not an address')
      await form.getByRole('button', { name: 'Save' }).click()
      await form.getByText(/list of IP addresses/).waitFor()
      await form.getByLabel('Allowed addresses').fill('127.0.0.0/8, ::1')
      await form.getByLabel('Limit').fill('40')
      await form.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog', { name: 'checkout service', exact: true }).getByText('127.0.0.0/8, ::1').waitFor()
      await page.keyboard.press('Escape')
      await row(page, 'checkout service').getByText('of $40.00').waitFor()
    },
    { expect: [/400/] },
  ))

test('a key is disabled, and that is undone', () =>
  open(w, '/keys', async (page) => {
    await act(page, 'checkout service', 'Disable')
    await page.getByText('checkout service is disabled').waitFor()
    await row(page, 'checkout service').waitFor({ state: 'detached' })
    await inspect(page, 'keys-toast', { only: ['desktop'] })
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'checkout service').waitFor()
  }))

test('a key is rotated', () =>
  open(w, '/keys', async (page) => {
    await act(page, 'checkout service', 'Rotate')
    await page.getByLabel('The old key ends').selectOption('At once')
    await inspect(page, 'keys-rotate', { only: ['desktop'] })
    await page.getByRole('button', { name: 'Make the new key' }).click()
    await page.getByRole('dialog', { name: /Copy the key/ }).getByRole('button', { name: 'I have copied it' }).click()
    await row(page, 'checkout service').first().waitFor()
  }))

test('a key is deleted only when its name is typed', () =>
  open(w, '/keys?kind=management', async (page) => {
    await page.getByRole('button', { name: 'New key' }).click()
    const form = page.getByRole('dialog', { name: 'New key' })
    await form.getByLabel('Name').fill('deploy bot')
    await form.getByLabel('Role').selectOption('viewer')
    await form.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'I have copied it' }).click()
    await inspect(page, 'keys-management', { only: ['desktop'] })
    await act(page, 'deploy bot', 'Delete')
    const question = page.getByRole('dialog', { name: /Delete/ })
    assert.ok(await question.getByRole('button', { name: 'Delete key' }).isDisabled())
    await inspect(page, 'keys-delete')
    await question.getByLabel('Type deploy bot to confirm').fill('deploy bot')
    await question.getByRole('button', { name: 'Delete key' }).click()
    await row(page, 'deploy bot').waitFor({ state: 'detached' })
  }))

test('a key is made without a mouse', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('k')
    await row(page, 'checkout service').first().waitFor()
    await page.getByRole('button', { name: 'New key' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'New key' }).waitFor()
    await page.keyboard.type('by hand')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: /Copy the key/ }).waitFor()
    await page.keyboard.press('Escape')
    await row(page, 'by hand').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'by hand' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/keys')
  }))

test('names and labels are text, whatever is in them', () =>
  open(w, '/keys', async (page) => {
    const evil = ['<img src=x onerror="document.title=\'pwned\'">', '"><script>document.title="pwned"</script>', 'javascript:document.title="pwned"', '{{constructor.constructor("document.title=\'pwned\'")()}}', '\u202Egnirts']
    for (const name of evil) {
      const made = await page.request.post('/api/v1/keys', { data: { name, labels: { [name.slice(0, 60)]: name.slice(0, 60) } } })
      assert.equal(made.status(), 201, await made.text())
    }
    await page.reload()
    for (const name of evil) {
      await row(page, name).first().click()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await act(page, evil[0], 'Delete')
    await page.getByRole('dialog').waitFor()
    assert.equal(await page.title(), 'Keys · Dragoman')
    await inspect(page, 'keys-evil', { only: ['desktop'] })
  }))

test('keys that somebody should look at are listed with what is wrong', () =>
  open(w, '/keys?kind=review', async (page) => {
    await row(page, 'first management key').getByText('admin rights').waitFor()
    await inspect(page, 'keys-review')
    await row(page, 'first management key').click()
    await page.waitForURL(/kind=management&key=/)
    await page.getByRole('dialog', { name: 'first management key' }).waitFor()
    await page.reload()
    await page.getByRole('dialog', { name: 'first management key' }).getByText('admin').first().waitFor()
  }))

test('more keys than are read at once come at the end of the list, and a search says how far it went', () =>
  open(w, '/members', async (page) => {
    await page.getByRole('heading', { name: 'Members' }).waitFor()
    const [key] = (await (await page.request.get('/api/v1/keys?limit=1')).json()).data
    await page.route('**/api/v1/keys?**', (route) => {
      const offset = Number(new URL(route.request().url()).searchParams.get('offset'))
      const data = Array.from({ length: Math.min(1000, 1200 - offset) }, (_, i) => ({ ...key, hash: `hash-${offset + i}`, name: `key ${offset + i}`, disabled: false }))
      return route.fulfill({ json: { data, total_count: 1200 } })
    })
    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    await row(page, 'key 3').first().waitFor()
    await page.getByLabel('Search keys').fill('key 1199')
    await page.getByText('1,000 keys searched.').waitFor()
    await page.getByRole('button', { name: 'Search more' }).click()
    await row(page, 'key 1199').waitFor()
    assert.equal(await page.getByText('keys searched.').count(), 0)
    await page.getByLabel('Search keys').fill('')
    const pane = page.getByRole('grid', { name: 'Keys' }).locator('xpath=..')
    await pane.evaluate((el) => el.scrollTo(0, el.scrollHeight))
    await row(page, 'key 1199').waitFor()
  }))

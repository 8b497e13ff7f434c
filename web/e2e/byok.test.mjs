// Provider keys: added in the shape of each provider, tried, put in order, disabled, deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const item = (page, name) => page.getByRole('listitem').filter({ hasText: name })

async function until(holds) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await new Promise((r) => setTimeout(r, 50))) if (await holds()) return
  assert.fail('it did not come to that')
}

async function add(page, provider, fill) {
  await page.getByRole('button', { name: 'Add a key' }).first().click()
  const form = page.getByRole('dialog', { name: 'Add a provider key' })
  await form.getByRole('combobox', { name: 'Provider' }).click()
  await page.getByPlaceholder('Search').fill(provider)
  await page.getByRole('option', { name: provider, exact: true }).click()
  await fill(form)
  await form.getByRole('button', { name: 'Add and test' }).click()
  await form.waitFor({ state: 'detached' })
}

test('a key is added, tried, and never shown again', () =>
  open(w, '/byok', async (page) => {
    await page.getByText('No key of your own').waitFor()
    await page.getByRole('button', { name: 'Add a key' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a provider key' })
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('Choose a provider', { exact: true }).last().waitFor()
    await inspect(page, 'byok-new')
    await page.keyboard.press('Escape')
    const secret = 'sk-quite-secret-123456'
    await add(page, 'Azure', async (form) => {
      await form.getByLabel('Resource', { exact: true }).fill('my-resource')
      await inspect(page, 'byok-azure', { only: ['phone'] })
      await form.getByLabel('Key', { exact: true }).fill(secret)
      await form.getByLabel('Name').fill('Shop')
      await form.getByLabel('It is used').selectOption('always')
    })
    await item(page, 'Shop').getByText('always this').waitFor()
    assert.ok(!(await page.content()).includes(secret), 'the key is still in the page')
    await item(page, 'Shop').locator('.text-bad').waitFor() // the provider cannot be reached from here
  }))

test('other providers have other fields', () =>
  open(w, '/byok?credential=new&provider=amazon-bedrock', async (page) => {
    const form = page.getByRole('dialog', { name: 'Add a provider key' })
    await form.getByLabel('Secret access key').waitFor()
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('A region such as eu-central-1').waitFor()
    await page.goto('/byok?credential=new&provider=google-vertex')
    await form.getByLabel('Key file').fill('no JSON')
    await form.getByRole('button', { name: 'Add and test' }).click()
    await form.getByText('The whole key file').waitFor()
  }))

test('keys are put in order with the arrow keys and the mouse, over the sections', () =>
  open(w, '/byok', async (page) => {
    for (const name of ['one', 'two', 'three']) {
      const made = await page.request.post('/api/v1/byok', { data: { provider: 'openai', key: `sk-${name}-0123456789abcdef`, name, workspace_id: null } })
      assert.equal(made.status(), 201, await made.text())
    }
    await page.reload()
    const panel = page.locator('section').filter({ has: page.getByRole('heading', { name: 'OpenAI' }) }).first()
    const first = () => panel.getByRole('region', { name: /^Tried first/ }).locator('li span.font-medium').allInnerTexts()
    const after = () => panel.getByRole('region', { name: /Tried after/ }).locator('li span.font-medium').allInnerTexts()
    await item(page, 'three').waitFor()
    assert.deepEqual(await first(), ['one', 'two', 'three'])
    const arrow = async (name, key) => {
      const done = page.waitForResponse((r) => r.request().method() === 'GET' && /\/byok\?/.test(r.url()))
      await page.getByRole('button', { name: `Move ${name};` }).focus()
      await page.keyboard.press(key)
      await done
    }
    await arrow('two', 'ArrowUp')
    await until(async () => (await first()).join() === 'two,one,three')
    assert.deepEqual(await first(), ['two', 'one', 'three'])
    await arrow('three', 'ArrowDown')
    await page.reload()
    await item(page, 'three').waitFor()
    assert.deepEqual(await first(), ['two', 'one'])
    assert.deepEqual(await after(), ['three'])
    await inspect(page, 'byok')
    const done = page.waitForResponse((r) => r.request().method() === 'GET' && /\/byok\?/.test(r.url()))
    await item(page, 'one').dragTo(item(page, 'two'))
    await done
    await page.reload()
    await item(page, 'three').waitFor()
    assert.deepEqual(await first(), ['one', 'two'])
  }))

test('a key is edited, disabled, which can be undone, and deleted', () =>
  open(w, '/byok', async (page) => {
    await page.getByRole('button', { name: 'Actions on one' }).click()
    await page.getByRole('menuitem', { name: 'Edit or replace' }).click()
    const form = page.getByRole('dialog', { name: 'Edit one' })
    await form.getByLabel('Name').fill('first')
    await form.getByRole('button', { name: 'Save' }).click()
    await item(page, 'first').waitFor()
    await page.getByRole('button', { name: 'Actions on first' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await item(page, 'first').getByText('disabled').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await item(page, 'first').getByText('disabled').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Actions on first' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete key' }).click()
    await item(page, 'first').waitFor({ state: 'detached' })
  }))

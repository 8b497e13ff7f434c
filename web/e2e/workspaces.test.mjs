// Workspaces: made, given budgets over four windows, members and defaults; deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })
const part = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })

test('a workspace is made; its slug follows its name', () =>
  open(w, '/workspaces', async (page) => {
    await row(page, 'Default workspace').waitFor()
    await page.getByRole('button', { name: 'New workspace' }).click()
    const form = page.getByRole('dialog', { name: 'New workspace' })
    await form.getByRole('button', { name: 'Create workspace' }).click()
    await form.getByText('A name', { exact: true }).waitFor()
    await form.getByLabel('Name').fill('Shop & Käse')
    assert.equal(await form.getByLabel('Slug').inputValue(), 'shop-kase')
    await form.getByLabel('What it is for').fill('What answers customers')
    await inspect(page, 'workspaces-new')
    await form.getByRole('button', { name: 'Create workspace' }).click()
    await page.waitForURL('**/workspaces/shop-kase')
    await page.getByRole('link', { name: 'Workspaces' }).first().click()
    await row(page, 'Shop & Käse').waitFor()
    await page.getByRole('searchbox').fill('nothing like this')
    await page.getByText('No workspace matches').waitFor()
  }))

test('budgets are set beside what was spent, changed, and removed, which can be undone', () =>
  open(
    w,
    '/workspaces/shop-kase',
    async (page) => {
      const { data } = await (await page.request.get('/api/v1/workspaces/shop-kase')).json()
      const { key } = await (await page.request.post('/api/v1/keys', { data: { name: 'shop', workspace_id: data.id } })).json()
      const answer = await page.request.post('/api/v1/chat/completions', { headers: { Authorization: `Bearer ${key}` }, data: { model: 'demo/chat', messages: [{ role: 'user', content: 'Hello! '.repeat(200) }] } })
      assert.equal(answer.status(), 200)
      await page.reload()
      await part(page, 'A day').getByText('no budget').waitFor()
      await inspect(page, 'workspace-budgets-none', { only: ['desktop'] })
      await page.getByRole('button', { name: 'Set the budget: a month' }).click()
      await page.waitForURL(/budget=monthly/)
      const form = page.getByRole('dialog', { name: 'Budget: a month' })
      await form.getByRole('button', { name: 'Set budget' }).click()
      await form.getByText('An amount such as 25 or 2.50').waitFor()
      await form.getByLabel('At most').fill('200')
      await form.getByLabel('Count what is paid').click()
      await inspect(page, 'workspace-budget')
      await form.getByRole('button', { name: 'Set budget' }).click()
      await part(page, 'A month').getByText('of $200.00').waitFor()
      await page.getByText('counts, at list price').waitFor()

      const spent = Number((await part(page, 'In all').locator('[title]').first().getAttribute('title')).replace('$', ''))
      assert.ok(spent > 0, 'what was spent is not shown')
      await page.getByRole('button', { name: 'Set the budget: a day' }).click()
      await page.getByLabel('At most').fill('500')
      await page.getByRole('button', { name: 'Set budget' }).click()
      await page.getByRole('dialog').getByText(/smaller|less|below|larger/i).last().waitFor() // than the longer window's
      await page.getByLabel('At most').fill((spent * 1.1).toFixed(9))
      await page.getByRole('button', { name: 'Set budget' }).click()
      await part(page, 'A day').getByRole('button', { name: 'Change' }).waitFor()
      assert.equal(await part(page, 'A day').getByRole('meter').getAttribute('aria-valuenow'), '91')
      await inspect(page, 'workspace-budgets')
      await page.getByRole('button', { name: 'Change the budget: a month' }).click()
      await page.getByRole('button', { name: 'Remove budget' }).click()
      await part(page, 'A month').getByText('no budget').waitFor()
      await page.getByRole('button', { name: 'Undo' }).click()
      await part(page, 'A month').getByText('of $200.00').waitFor()
    },
    { expect: [/400/] },
  ))

test('members are put into a workspace and taken out', () =>
  open(w, '/workspaces/shop-kase?tab=members', async (page) => {
    await page.getByText('Nobody is in this workspace').waitFor()
    await page.getByRole('combobox', { name: 'Members to add' }).click()
    await page.getByRole('option', { name: owner.name }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await row(page, owner.email).waitFor()
    await inspect(page, 'workspace-members')
    await page.getByRole('button', { name: `Remove ${owner.name}` }).click()
    await page.getByText('Nobody is in this workspace').waitFor()
    await page.goto('/workspaces/default?tab=members')
    await page.getByText('Everybody is in the default workspace').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Delete the workspace' }).count(), 0)
  }))

test('defaults are set; another slug is another address', () =>
  open(w, '/workspaces/shop-kase?tab=settings', async (page) => {
    await page.getByLabel('Order of endpoints').selectOption('price')
    await page.getByRole('combobox', { name: /^Default model/ }).click()
    await page.getByRole('option', { name: 'demo/chat' }).click()
    await page.getByLabel('Slug').fill('shop')
    await inspect(page, 'workspace-settings')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL('**/workspaces/shop?tab=settings')
    const { data } = await (await page.request.get('/api/v1/workspaces/shop')).json()
    assert.equal(data.default_provider_sort, 'price')
    assert.equal(data.default_text_model, 'demo/chat')

    await page.getByLabel('Keep prompts and answers').click()
    await page.getByLabel('Of requests').fill('25')
    await page.getByLabel('For', { exact: true }).fill('30')
    await page.getByText('What is older is deleted.').waitFor()
    await inspect(page, 'workspace-logging')
    await page.getByRole('button', { name: 'Save what to keep' }).click()
    await page.getByText('Prompts and answers are kept from now on').waitFor()
    await page.goto('/privacy')
    await page.getByText('25% kept 30 days').waitFor()
  }))

test('a workspace with keys stays; without, it is deleted when its slug is typed', () =>
  open(
    w,
    '/workspaces/shop',
    async (page) => {
      await page.getByRole('button', { name: 'Delete the workspace' }).click()
      const question = page.getByRole('dialog', { name: /Delete/ })
      await question.getByLabel('Type shop to confirm').fill('shop')
      await question.getByRole('button', { name: 'Delete workspace' }).click()
      await question.getByText(/1 active keys/).waitFor()
      await inspect(page, 'workspace-delete', { only: ['desktop'] })
      const all = await (await page.request.get('/api/v1/workspaces/shop')).json()
      const own = await (await page.request.get(`/api/v1/keys?workspace_id=${all.data.id}`)).json()
      for (const k of own.data) await page.request.delete(`/api/v1/keys/${k.hash}`)
      await question.getByRole('button', { name: 'Delete workspace' }).click()
      await page.waitForURL('**/workspaces')
      await row(page, 'Default workspace').waitFor()
      assert.equal(await row(page, 'Shop & Käse').count(), 0)
      await page.goto('/workspaces/shop')
      await page.getByText('No workspace has this id').waitFor()
    },
    { expect: [/400/] },
  ))

// Guardrails: made, edited with a preview that follows, tried on a text, put over keys and members, deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })
const preview = (page) => page.getByRole('complementary', { name: 'Preview' })

test('a guardrail is made and demands nothing at first', () =>
  open(w, '/guardrails', async (page) => {
    await row(page, 'all traffic of Default workspace').waitFor()
    await page.getByRole('button', { name: 'New guardrail' }).click()
    const form = page.getByRole('dialog', { name: 'New guardrail' })
    await form.getByRole('button', { name: 'Create guardrail' }).click()
    await form.getByText('A name', { exact: true }).waitFor()
    await form.getByLabel('Name').fill('Customer data')
    await form.getByRole('button', { name: 'Create guardrail' }).click()
    await page.waitForURL(/\/guardrails\/[0-9a-f-]{36}$/)
    await preview(page).getByText(/of 8 endpoints/).waitFor()
    await page.getByText('Everything is saved.').waitFor()
  }))

test('rules are followed by the preview before they are saved', () =>
  open(w, '/guardrails', async (page) => {
    await row(page, 'Customer data').click()
    await preview(page).getByText('8 of 8 endpoints').waitFor()
    await page.getByRole('combobox', { name: 'None of these models' }).click()
    await page.getByPlaceholder('Search').fill('demo/chat')
    await page.getByRole('option', { name: 'demo/chat', exact: true }).click()
    await page.keyboard.press('Escape')
    await preview(page).getByText(/by guardrail/).first().waitFor()
    await page.getByText('In force when saved.').waitFor()
    await page.getByLabel('At most').fill('25')
    await page.getByLabel('For', { exact: true }).selectOption('monthly')
    await inspect(page, 'guardrail-rules')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Everything is saved.').waitFor()
    await preview(page).getByRole('combobox', { name: 'Model' }).click()
    await page.getByRole('option', { name: 'demo/chat', exact: true }).click()
    await preview(page).getByText('0 of').waitFor()
    await page.goto('/guardrails')
    await row(page, 'Customer data').getByText('budget', { exact: true }).waitFor()
  }))

test('filters are tried on a text', () =>
  open(
    w,
    '/guardrails',
    async (page) => {
      await row(page, 'Customer data').click()
      await page.getByRole('tab', { name: 'Content' }).click()
      await page.waitForURL(/tab=filters/)
      await page.getByLabel('E-mail addresses').selectOption('redact')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByLabel('Pattern 1', { exact: true }).fill('PROJ-(?=x)')
      await preview(page).getByRole('alert').waitFor() // a wrong one is said at once
      await page.getByLabel('Pattern 1', { exact: true }).fill('PROJ-\\d+')
      await page.getByLabel('What pattern 1 does').selectOption('block')
      await preview(page).getByLabel('Text').fill('Write to ann@example.com <img src=x onerror=alert(1)>')
      await preview(page).getByText('Write to [EMAIL] <img src=x onerror=alert(1)>').waitFor()
      await inspect(page, 'guardrail-filters')
      await preview(page).getByLabel('Text').fill('About PROJ-17')
      await preview(page).getByText('blocked').first().waitFor()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Everything is saved.').waitFor()
    },
    { expect: [/400/] },
  ))

test('keys and members are put under it and freed', () =>
  open(w, '/guardrails', async (page) => {
    await page.request.post('/api/v1/keys', { data: { name: 'shop' } })
    await row(page, 'Customer data').click()
    await page.getByRole('tab', { name: 'Keys under it' }).click()
    await page.waitForURL(/tab=keys/)
    await page.getByText('None.').waitFor()
    assert.equal(await preview(page).count(), 0)
    await page.getByRole('combobox', { name: 'Keys to put under it' }).click()
    await page.getByRole('option', { name: /^shop/ }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Put under it' }).click()
    await page.getByRole('button', { name: 'Free shop' }).waitFor()
    await inspect(page, 'guardrail-keys')
    await page.getByRole('tab', { name: 'Members under it' }).click()
    await page.getByRole('combobox', { name: 'Members to put under it' }).click()
    await page.getByRole('option', { name: owner.name }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Put under it' }).click()
    await page.getByRole('button', { name: `Free ${owner.name}` }).waitFor()
    await page.getByRole('tabpanel').getByText(owner.email).waitFor()
    await inspect(page, 'guardrail-members')
    await page.getByRole('tab', { name: 'Keys under it' }).click()
    await page.getByRole('button', { name: 'Free shop' }).click()
    await page.getByText('None.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByRole('button', { name: 'Free shop' }).waitFor()
  }))

test('more than a hundred keys are under it', () =>
  open(w, '/guardrails', async (page) => {
    const hashes = []
    for (let i = 0; i < 101; i++) hashes.push((await (await page.request.post('/api/v1/keys', { data: { name: `till ${i}` } })).json()).data.hash)
    await row(page, 'Customer data').click()
    await page.getByText('Everything is saved.').waitFor()
    const id = new URL(page.url()).pathname.split('/').at(-1)
    const put = await page.request.post(`/api/v1/guardrails/${id}/assignments/keys`, { data: { key_hashes: hashes } })
    assert.equal(put.status(), 200, await put.text())
    await page.getByRole('tab', { name: 'Keys under it' }).click()
    await page.getByRole('button', { name: /^Free / }).nth(99).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: /^Free / }).nth(101).waitFor()
    assert.equal(await page.getByRole('button', { name: 'More' }).count(), 0)
  }))

test('a guardrail is deleted when its name is typed; a workspace’s own stays', () =>
  open(
    w,
    '/guardrails',
    async (page) => {
      await row(page, 'all traffic of').click()
      await page.getByText('All traffic of Default workspace is under it.').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Delete the guardrail' }).count(), 0)
      await page.goto('/guardrails')
      await row(page, 'Customer data').click()
      await page.getByRole('button', { name: 'Delete the guardrail' }).click()
      await page.getByLabel('Type Customer data to confirm').fill('Customer data')
      await page.getByRole('dialog').getByRole('button', { name: 'Delete guardrail' }).click()
      await row(page, 'all traffic of').waitFor()
      assert.equal(await row(page, 'Customer data').count(), 0)
      await page.goto('/guardrails/00000000-0000-4000-8000-000000000000')
      await page.getByText('This could not be loaded').waitFor()
    },
    { expect: [/404/] },
  ))

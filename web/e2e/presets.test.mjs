// Presets: made of a form and of a pasted request, versions compared, one put in use, deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

test('a preset is made of a form', () =>
  open(w, '/presets', async (page) => {
    await page.getByText('No preset yet').waitFor()
    await page.getByRole('button', { name: 'New preset' }).first().click()
    const form = page.getByRole('dialog', { name: 'New preset' })
    await form.getByRole('button', { name: 'Create preset' }).click()
    await form.getByText('Lower-case letters, digits').waitFor()
    await form.getByLabel('Slug').fill('mail')
    await form.getByRole('combobox', { name: /^Model/ }).click()
    await page.getByRole('option', { name: 'demo/chat', exact: true }).click()
    await form.getByLabel('System prompt').fill('You write short, kind mails.\n<script>document.title="pwned"</script>')
    await form.getByLabel('Temperature').fill('0.7')
    await inspect(page, 'presets-new')
    await form.getByRole('button', { name: 'Create preset' }).click()
    await page.waitForURL('**/presets/mail')
    await page.getByText('You write short, kind mails.').waitFor()
    const answer = await page.request.post('/api/v1/chat/completions', { data: { model: '@preset/mail', messages: [{ role: 'user', content: 'Hello!' }] } })
    assert.equal(answer.status(), 200, await answer.text())
  }))

test('the next version is a request; versions are compared, and one before is put in use again', () =>
  open(
    w,
    '/presets/mail',
    async (page) => {
      await page.getByRole('button', { name: 'New version' }).click()
      const form = page.getByRole('dialog', { name: 'New version' })
      const pasted = form.getByRole('textbox', { name: 'Request' })
      await pasted.fill('{')
      await form.getByRole('button', { name: 'Make the version' }).click()
      await form.getByText('A JSON object').waitFor()
      await pasted.fill(JSON.stringify({ model: 'demo/chat', temperature: 9, messages: [{ role: 'user', content: 'x' }] }))
      await form.getByRole('button', { name: 'Make the version' }).click()
      await form.getByRole('alert').waitFor() // what a request may not say is refused
      await pasted.fill(JSON.stringify({ model: 'demo/chat', temperature: 0.2, top_p: 0.9, messages: [{ role: 'system', content: 'You write long mails.' }, { role: 'user', content: 'x' }] }))
      await form.getByRole('button', { name: 'Make the version' }).click()
      await page.getByText('You write long mails.').waitFor()
      await page.getByLabel('Compare with').selectOption('Version 1')
      await page.waitForURL(/with=1/)
      const diff = page.getByRole('region', { name: 'What changed' })
      await diff.getByText('"top_p": 0.9').waitFor()
      await inspect(page, 'preset-diff')
      await page.getByLabel('Compare with').selectOption('')
      await page.getByRole('button', { name: /^Version 1/ }).click()
      await page.getByRole('button', { name: 'Use this version' }).click()
      await page.getByRole('button', { name: /^Version 1/ }).getByText('in use').waitFor()
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByRole('button', { name: /^Version 2/ }).getByText('in use').waitFor()
    },
    { expect: [/400/] },
  ))

test('a preset is disabled, and deleted when its slug is typed', () =>
  open(
    w,
    '/presets/mail',
    async (page) => {
      await page.getByLabel('Status').selectOption('disabled')
      await page.getByText('The preset is disabled').waitFor()
      await page.goto('/presets')
      await row(page, '@preset/mail').getByText('disabled').waitFor()
      await row(page, '@preset/mail').click()
      await page.getByRole('button', { name: 'Delete the preset' }).click()
      await page.getByLabel('Type mail to confirm').fill('mail')
      await page.getByRole('dialog').getByRole('button', { name: 'Delete preset' }).click()
      await page.getByText('No preset yet').waitFor()
      await page.goto('/presets/mail')
      await page.getByText('This could not be loaded').waitFor()
    },
    { expect: [/404/] },
  ))

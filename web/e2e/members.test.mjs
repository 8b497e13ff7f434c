// Members: invited by a link, their role changed, disabled, removed; the organisation renamed, left for another.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()
const row = (page, name) => page.getByRole('row').filter({ hasText: name })

async function act(page, name, action) {
  await page.getByRole('button', { name: `Actions on ${name}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('an invitation is a link that is shown once, and makes a member', () =>
  open(w, '/members', async (page) => {
    await row(page, owner.email).getByText('you').waitFor()
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.waitForURL('**/members?form=invite')
    const form = page.getByRole('dialog', { name: 'Invite somebody' })
    await form.getByRole('button', { name: 'Make the link' }).click()
    await form.getByText('An e-mail address such as').waitFor()
    await form.getByLabel('E-mail').fill('bo@example.com')
    await form.getByLabel('Role').selectOption('billing')
    await form.getByText('Grants credit and sees everything').waitFor()
    await inspect(page, 'members-invite')
    await form.getByRole('button', { name: 'Make the link' }).click()
    const once = page.getByRole('dialog', { name: 'Send this to bo@example.com' })
    const url = await once.getByLabel('Link', { exact: true }).innerText()
    assert.match(url, /\/invite#token=/)
    await inspect(page, 'members-link', { only: ['desktop'] })
    await once.getByRole('button', { name: 'I have copied it' }).click()
    await row(page, 'bo@example.com').getByText('Billing').waitFor()
    await inspect(page, 'members-invitations')
    assert.ok(!(await page.content()).includes(url), 'the link is still in the page')

    const token = new URL(url).hash.slice('#token='.length)
    const made = await page.request.post('/api/v1/invitations/accept', { data: { token, name: 'Bo Bookkeeper', password: 'another lovely sentence' }, headers: { Cookie: '' } })
    assert.equal(made.status(), 201, await made.text())
  }))

test('a role is changed; the list says who may do what', () =>
  open(w, '/members', async (page) => {
    await row(page, 'Bo Bookkeeper').click()
    await page.waitForURL(/member=/)
    const sheet = page.getByRole('dialog', { name: 'Bo Bookkeeper' })
    await inspect(page, 'members-member')
    await sheet.getByLabel('Role').selectOption('developer')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await row(page, 'Bo Bookkeeper').getByText('Developer').waitFor()
    await page.getByRole('searchbox').fill('nobody like this')
    await page.getByText('No member matches').waitFor()
  }))

test('a member is disabled, which can be undone, and removed when the address is typed', () =>
  open(w, '/members', async (page) => {
    await act(page, 'Bo Bookkeeper', 'Disable')
    await row(page, 'Bo Bookkeeper').getByText('disabled').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'Bo Bookkeeper').getByText('active').waitFor()
    await act(page, 'Bo Bookkeeper', 'Remove')
    const question = page.getByRole('dialog', { name: 'Remove Bo Bookkeeper?' })
    assert.ok(await question.getByRole('button', { name: 'Remove member' }).isDisabled())
    await question.getByLabel(/Type bo@example.com/).fill('bo@example.com')
    await question.getByRole('button', { name: 'Remove member' }).click()
    await row(page, 'Bo Bookkeeper').waitFor({ state: 'detached' })
  }))

test('an invitation is withdrawn; none is open', () =>
  open(w, '/members?view=invitations', async (page) => {
    await page.getByText('No open invitation').waitFor()
    await inspect(page, 'members-invitations-empty', { only: ['desktop'] })
    assert.equal((await page.request.post('/api/v1/organization/invitations', { data: { email: 'cy@example.com' } })).status(), 201)
    await page.reload()
    await page.getByRole('button', { name: 'Withdraw the invitation of cy@example.com' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
    await page.getByText('No open invitation').waitFor()
  }))

test('members that cannot be loaded are asked for again', () =>
  open(
    w,
    '/settings',
    async (page) => {
      let broken = true
      await page.route('**/api/v1/organization/members*', (r) => (broken ? r.fulfill({ status: 400, json: { error: { code: 400, message: 'The store is being moved' } } }) : r.continue()))
      await page.getByRole('link', { name: 'Members' }).click()
      await page.getByText('The store is being moved').waitFor()
      broken = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await row(page, owner.email).waitFor()
    },
    { expect: [/400/] },
  ))

test('the organisation is renamed, another is made and gone to', () =>
  open(w, '/members', async (page) => {
    await page.getByRole('button', { name: 'Organisation Hieronymus GmbH' }).click()
    await page.getByRole('menuitem', { name: 'Organisation settings' }).click()
    await page.waitForURL('**/organization')
    await page.getByLabel('Name').fill('Hieronymus & Söhne')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('button', { name: 'Organisation Hieronymus & Söhne' }).waitFor()
    await page.getByRole('button', { name: 'New organisation' }).click()
    const form = page.getByRole('dialog', { name: 'New organisation' })
    await form.getByLabel('Name').fill('Lab')
    await form.getByLabel('Owner’s e-mail').fill(owner.email)
    await inspect(page, 'organization-new', { only: ['desktop'] })
    await form.getByRole('button', { name: 'Create' }).click()
    const url = await page.getByRole('dialog', { name: 'Send this to the owner of Lab' }).getByLabel('Link', { exact: true }).innerText()
    await page.getByRole('button', { name: 'I have copied it' }).click()
    const joined = await page.request.post('/api/v1/invitations/accept', { data: { token: new URL(url).hash.slice('#token='.length) } })
    assert.equal(joined.status(), 201, await joined.text())
    assert.equal((await page.request.patch('/api/v1/session', { data: { organization: 'default' } })).status(), 200)
    await page.goto('/organization')
    await row(page, 'Lab').getByRole('button', { name: 'Go there' }).waitFor()
    await row(page, 'Lab').getByRole('button', { name: 'Go there' }).click()
    await page.getByRole('button', { name: 'Organisation Lab' }).waitFor()
  }))

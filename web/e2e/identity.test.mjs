// Identity: sign-in providers as the configuration has them, SCIM with its token and mappings, policies of workloads;
// and a member's sessions, which an admin ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const provider = `sign_in:
  oidc:
    - id: corp
      name: Corp
      issuer: https://login.corp.example
      client_id: dragoman
      client_secret: never shown anywhere
      domains: [corp.example]
      create: true
      role: viewer
      groups:
        - {group: platform, role: admin}
        - {group: research, role: developer, workspaces: [research]}
`
const w = world({ config: async () => provider })

test('sign-in providers are shown without their secrets', () =>
  open(w, '/chat', async (page) => {
    await page.getByRole('link', { name: 'Identity' }).click()
    await page.getByRole('heading', { name: 'Corp' }).waitFor()
    await page.getByText('https://login.corp.example').waitFor()
    await page.getByText('/api/v1/session/oidc/corp/callback').waitFor()
    await page.getByRole('row').filter({ hasText: 'research' }).getByText('Developer').waitFor()
    assert.ok(!(await page.content()).includes('never shown anywhere'))
    await inspect(page, 'identity-providers')
  }))

test('SCIM: a token that is shown once, and groups that are mapped', () =>
  open(w, '/identity?view=scim', async (page) => {
    await page.getByText('Groups come with the identity provider').waitFor()
    await inspect(page, 'identity-scim-empty')
    await page.getByRole('button', { name: 'Make a token' }).click()
    const once = page.getByRole('dialog', { name: 'Copy the token' })
    const token = await once.getByLabel('Token', { exact: true }).innerText()
    await inspect(page, 'identity-token', { only: ['desktop'] })
    await once.getByRole('button', { name: 'I have copied it' }).click()
    assert.ok(!(await page.content()).includes(token), 'the token is still in the page')

    const scim = (path, data) => page.request.post(`/scim/v2${path}`, { data, headers: { Authorization: `Bearer ${token}`, Cookie: '' } })
    const user = await (await scim('/Users', { userName: 'gil@corp.example', externalId: '00u1' })).json()
    assert.equal((await scim('/Groups', { displayName: 'Research', members: [{ value: user.id }] })).status(), 201)
    assert.equal((await page.request.post('/api/v1/workspaces', { data: { name: 'Research lab', slug: 'research' } })).status(), 201)
    await page.reload()
    await page.getByText('Groups mean nothing until').waitFor()
    await page.getByRole('button', { name: 'Map a group' }).click()
    const form = page.getByRole('dialog', { name: 'Map a group' })
    await form.getByRole('button', { name: 'Map', exact: true }).click()
    await form.getByText('Choose a group', { exact: true }).last().waitFor()
    await form.getByRole('combobox', { name: 'Group' }).click()
    await page.getByRole('option', { name: 'Research', exact: true }).click()
    await form.getByLabel('Role in the workspace').selectOption('admin')
    await inspect(page, 'identity-mapping')
    await form.getByRole('button', { name: 'Map', exact: true }).click()
    const row = page.getByRole('row').filter({ hasText: 'Research lab' })
    await row.getByText('admin').waitFor()
    await inspect(page, 'identity-scim')
    await row.getByRole('button', { name: 'Remove the mapping of Research' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No group is mapped').waitFor()
  }))

test('workloads: a policy is made, disabled and deleted', () =>
  open(w, '/identity?view=workloads', async (page) => {
    await page.getByText('No policy', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'New policy' }).click()
    const form = page.getByRole('dialog', { name: 'New federation policy' })
    await form.getByRole('button', { name: 'Make the policy' }).click()
    await form.getByText('At least one line such as').waitFor()
    await form.getByLabel('Name').fill('deploys of acme/app')
    await form.getByLabel('Conditions').fill('repository = acme/app\nref = refs/heads/main, refs/tags/*')
    await inspect(page, 'identity-policy')
    await form.getByRole('button', { name: 'Make the policy' }).click()
    const row = page.getByRole('row').filter({ hasText: 'deploys of acme/app' })
    await row.getByText('refs/heads/main or refs/tags/*').waitFor()
    const act = async (name) => {
      await page.getByRole('button', { name: 'Actions on deploys of acme/app' }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await act('Disable')
    await row.getByText('disabled').waitFor()
    await act('Delete')
    const question = page.getByRole('dialog')
    await question.getByLabel(/Type deploys/).fill('deploys of acme/app')
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No policy', { exact: true }).waitFor()
  }))

test('what cannot be loaded is asked for again', () =>
  open(
    w,
    '/settings',
    async (page) => {
      let broken = true
      await page.route('**/api/v1/organization/identity', (r) => (broken ? r.fulfill({ status: 400, json: { error: { code: 400, message: 'The store is being moved' } } }) : r.continue()))
      await page.getByRole('link', { name: 'Identity' }).click()
      await page.getByText('The store is being moved').waitFor()
      broken = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('heading', { name: 'Corp' }).waitFor()
    },
    { expect: [/400 \(Bad Request\)/] },
  ))

test('an admin ends a session of a member', () =>
  open(w, '/members', async (page, context) => {
    const invited = await (await page.request.post('/api/v1/organization/invitations', { data: { email: 'bo@example.com', role: 'developer' } })).json()
    const theirs = await context.browser().newContext({ baseURL: w.gateway.url, userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' })
    const token = new URL(invited.data.url).hash.slice('#token='.length)
    assert.equal((await theirs.request.post('/api/v1/invitations/accept', { data: { token, name: 'Bo', password: 'another lovely sentence' } })).status(), 201)
    await page.reload()
    await page.getByRole('row').filter({ hasText: 'bo@example.com' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Firefox on Linux').waitFor()
    await inspect(page, 'members-sessions')
    await sheet.getByRole('button', { name: 'End' }).click()
    await sheet.getByText('Nowhere in this organisation').waitFor()
    assert.equal((await theirs.request.get('/api/v1/session')).status(), 401)
    await theirs.close()
    await page.keyboard.press('Escape')
    await page.getByRole('row').filter({ hasText: owner.email }).click()
    await sheet.getByText('this one').waitFor()
  }))

test('pages about the gateway are those of the organisation that runs it', () =>
  open(w, '/chat', async (page) => {
    await page.getByRole('link', { name: 'System' }).waitFor()
    const made = await (await page.request.post('/api/v1/organizations', { data: { name: 'Elsewhere', owner_email: owner.email } })).json()
    const token = new URL(made.data.invitation.url).hash.slice('#token='.length)
    assert.equal((await page.request.post('/api/v1/invitations/accept', { data: { token } })).status(), 201)
    await page.reload()
    await page.getByRole('link', { name: 'Audit log' }).waitFor()
    for (const name of ['System', 'Providers & catalogue']) assert.equal(await page.getByRole('link', { name, exact: true }).count(), 0, `${name} is offered`)
    await page.getByRole('link', { name: 'Identity' }).click()
    await page.getByText('No sign-in provider').waitFor()
    await inspect(page, 'identity-providers-empty')
  }))

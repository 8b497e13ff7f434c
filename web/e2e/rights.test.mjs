// What a role does not permit is not offered: a viewer sees the pages of Run and changes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open, world } from './harness.mjs'

const w = world()

/** The world as somebody sees it who may change nothing. */
let seen
const asViewer = () => (seen ??= invite())

async function invite() {
  const owner = await w.browser.newContext({ baseURL: w.gateway.url, storageState: w.state })
  const invited = await (await owner.request.post('/api/v1/organization/invitations', { data: { email: 'vi@example.com', role: 'viewer' } })).json()
  await owner.request.post('/api/v1/byok', { data: { provider: 'openai', key: 'sk-0123456789abcdef', name: 'theirs', workspace_id: null } })
  await owner.close()
  const context = await w.browser.newContext({ baseURL: w.gateway.url })
  const token = new URL(invited.data.url).hash.slice('#token='.length)
  const joined = await context.request.post('/api/v1/invitations/accept', { data: { token, name: 'Vi Viewer', password: 'another lovely sentence' } })
  assert.equal(joined.status(), 201, await joined.text())
  const state = await context.storageState()
  await context.close()
  return { ...w, state }
}

const pages = [
  ['/members', 'Ada Owner', ['Invite', 'Actions on Ada Owner']],
  ['/members?form=invite', 'Ada Owner', ['Make the link']],
  ['/organization', 'Hieronymus GmbH', ['Rename', 'New organisation']],
  ['/workspaces', 'Default workspace', ['New workspace']],
  ['/workspaces/default', 'no budget', ['Set the budget: a day']],
  ['/workspaces/default?tab=settings', 'Prompts and answers', ['Save']],
  ['/credits', 'Nothing was granted yet', ['Grant credit']],
  ['/byok', 'theirs', ['Add a key', 'Test theirs', 'Actions on theirs']],
  ['/guardrails', 'all traffic of Default workspace', ['New guardrail']],
  ['/presets', 'No preset yet', ['New preset']],
  ['/destinations?destination=new', 'No destination', ['Add a destination', 'Add and test']],
  ['/catalogue', 'No endpoint of your own', ['Add an endpoint']],
  ['/catalogue?view=prices&form=prices', 'No price was taken over', ['Refresh prices', 'Look']],
]

for (const [path, shown, absent] of pages) {
  test(`a viewer changes nothing at ${path}`, async () =>
    open(await asViewer(), path, async (page) => {
      await page.getByText(shown).first().waitFor()
      for (const name of absent) assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, `${name} is offered`)
      assert.equal(await page.getByRole('link', { name: 'Audit log' }).count(), 0)
    }))
}

for (const [path, absent] of [['/chat?models=demo/chat', 'Message'], ['/playground/embeddings', 'Texts']]) {
  test(`whoever may not spend is told so at ${path}`, async () =>
    open(await asViewer(), path, async (page) => {
      await page.getByText('Your role does not spend').waitFor()
      assert.equal(await page.getByRole('textbox', { name: absent }).count(), 0)
      await page.getByRole('link', { name: 'See the models' }).click()
      await page.getByRole('link', { name: 'Demo Chat' }).click()
      await page.getByRole('heading', { name: 'Demo Chat', level: 1 }).waitFor()
      for (const name of ['Chat', 'Playgrounds']) assert.equal(await page.getByRole('link', { name, exact: true }).count(), 0, `${name} is offered`)
    }))
}

test('whoever may not spend begins with the models', async () =>
  open(await asViewer(), '/', (page) => page.waitForURL('**/models')))

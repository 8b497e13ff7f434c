// Every page of the table in each of its states, sizes and themes: a screenshot and axe for each, nothing in the console.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { furnish, startSpeaker } from './furnish.mjs'
import { inspect, open, settled, world } from './harness.mjs'
import { pages } from './pages.mjs'
import { routes } from './routes.mjs'
import { startServices } from './services.mjs'
import { traffic } from './traffic.mjs'

const services = await startServices()
const speaker = await startSpeaker(() => ({ message: { content: 'Hello.' } }))
const w = world({ config: async () => services.config })
after(() => Promise.all([services.stop(), speaker.stop()]))

const names = {
  organisation: 'Hieronymus GmbH',
  workspace: 'Support',
  'workspace’s description': 'Answers to customers, day and night.',
  key: 'Support desk, nights',
  'management key': 'Deploy bot',
  label: 'support',
  'note of a grant': 'Pilot of the support desk',
  'provider key': 'Team account',
  guardrail: 'Interns',
  'guardrail’s description': 'A budget, and no providers that train.',
  filter: 'ticket numbers',
  'system prompt': 'You write short, kind mails.',
  preset: 'Mail',
  'preset’s description': 'Short answers to customers.',
  destination: 'Warehouse',
  policy: 'Deploys',
  member: 'Bo Bookkeeper',
  'own provider': 'Cellar',
  'own model': 'Little',
  'name at the provider': 'little-7b',
  app: 'Support desk',
  session: 'case-1001',
  'end user': 'u-17',
  prompt: 'Where is my parcel?',
  comment: 'The third line is wrong.',
}

const named = (page, state) => `${page.path.slice(1).replaceAll('/$', '-').replaceAll('/', '-')}-${state}`
const shows = (page, text) => page.getByRole('main').getByText(text).filter({ visible: true }).first().waitFor()
// What the frame around every page asks; nothing is shown without it.
const frame = /^\/api\/v1\/session(\/options)?$/
const ofPage = (url) => url.pathname.startsWith('/api/v1/') && !frame.test(url.pathname)
const refusal = 'The store is being moved; try again in a minute'

test('every page of the app is in the table, with every state', () => {
  assert.deepEqual(pages.map((p) => p.path).sort(), routes().map((r) => r.path).sort())
  for (const p of pages) {
    const lacks = p.asks === false || p.empty === false
    assert.ok(lacks ? p.why : p.empty.text, `${p.path} is never empty, or never asks: why?`)
  }
})

describe('with nothing there', { concurrency: 2 }, () => {
  for (const p of pages.filter((p) => p.empty)) {
    test(p.path, () =>
      open(
        w,
        '/settings',
        async (page) => {
          if (p.empty.none) await page.route(`**/api/v1${p.empty.none}?**`, (r) => r.fulfill({ json: { data: [] } }))
          await page.goto(p.empty.at ?? p.at({}))
          await shows(page, p.empty.text)
          await inspect(page, named(p, 'empty'))
        },
        { expect: [/404/] },
      ))
  }
})

let made
test('the world is furnished', async () => {
  await traffic(w.gateway, 60)
  made = await furnish(w, (what) => names[what], speaker.url)
})

describe('loading, failed, tried again, full', { concurrency: 2 }, () => {
  for (const p of pages) {
    test(p.path, () => open(w, p.asks === false ? p.at(made) : '/settings', (page) => (p.asks === false ? full(p, page) : whole(p, page)), { anonymous: p.anonymous, expect: [/400/, /401/] }))
  }
})

async function whole(p, page) {
  const api = await stopped(page)
  await page.goto(p.at(made))
  await page.getByRole('main').getByRole('status', { name: 'Loading' }).first().waitFor()
  await inspect(page, named(p, 'loading'), { loading: true })

  api.refuse()
  await shows(page, refusal)
  await inspect(page, named(p, 'error'))

  api.answer()
  const again = page.getByRole('button', { name: 'Try again' })
  await retried(page, again)
  assert.equal(await page.getByRole('alert').count(), 0, 'something failed that cannot be tried again')
  await full(p, page)
}

/** Tries again until nothing has failed: what was loaded may ask for more, which had failed as well. */
async function retried(page, again) {
  for (let tries = 0; (await again.count()) > 0; tries++) {
    assert.ok(tries < 5, 'it fails again and again')
    await again.first().click()
    await settled(page)
  }
}

/** Keeps the page's questions to the API unanswered, until they are refused or answered. */
async function stopped(page) {
  let [refuses, release] = [true, () => undefined]
  const held = new Promise((resolve) => (release = resolve))
  await page.route(ofPage, async (route) => {
    await held
    return refuses ? route.fulfill({ status: 400, json: { error: { code: 400, message: refusal } } }) : route.continue()
  })
  return { refuse: release, answer: () => (refuses = false) }
}

async function full(p, page) {
  await shows(page, p.full)
  await inspect(page, named(p, 'full'))
}


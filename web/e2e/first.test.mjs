// The first run, from the link that the gateway prints to an answer; signing in and out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world({ signedIn: false })

test('whoever comes before the owner is asked for the token', () =>
  open(w, '/', async (page) => {
    await page.waitForURL('**/setup')
    await page.getByLabel('Setup token').waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('The token that the gateway printed when it started').waitFor()
    await inspect(page, 'setup-no-token')
  }))

test('the wizard ends with a successful call', () =>
  open(w, w.gateway.setup, async (page, context) => {
    await page.getByLabel('Organisation').fill(owner.organization)
    assert.ok(!page.url().includes('token'), 'the token stays in the address')
    await page.getByLabel('Your name').fill(owner.name)
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password').fill('short')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('At least 10 characters').waitFor()
    await inspect(page, 'setup-owner')
    await page.getByLabel('Password').fill(owner.password)
    await page.getByRole('button', { name: 'Continue' }).click()

    await page.getByRole('heading', { name: 'Add a provider’s key' }).waitFor()
    await inspect(page, 'setup-provider')
    await page.getByRole('button', { name: 'Go on with the demo' }).click()

    await page.getByRole('heading', { name: 'Make a first call' }).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('First token').waitFor()
    await inspect(page, 'setup-call')
    await page.getByRole('link', { name: 'See how it went' }).waitFor()
    await page.getByRole('link', { name: 'Open Dragoman' }).click()
    await page.getByRole('heading', { name: 'New chat' }).waitFor()
    w.state = await context.storageState()
  }))

test('the token works once', () =>
  open(w, w.gateway.setup, async (page) => {
    await page.waitForURL('**/signin')
  }, { anonymous: true }))

test('one signs in, goes where one wanted, and signs out', () =>
  open(
    w,
    '/keys?kind=management',
    async (page) => {
      await page.waitForURL('**/signin?**')
      await page.getByLabel('E-mail').fill(owner.email)
      await page.getByLabel('Password').fill('not the right one')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').waitFor()
      await inspect(page, 'signin-refused', { only: ['desktop'] })
      await page.getByLabel('Password').fill(owner.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL('**/keys?kind=management')
      await page.getByText('first management key').waitFor()
      await page.getByRole('button', { name: `Account of ${owner.name}` }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.waitForURL('**/signin')
      await page.goto('/keys')
      await page.waitForURL('**/signin?**')
    },
    { anonymous: true, expect: [/401/] },
  ))

test('a link cannot send one to another site', () =>
  open(w, '/signin?to=//evil.example/', async (page) => {
    await page.waitForURL(`${w.gateway.url}/chat`)
  }))

// One's own account: name, password, authenticator, passkeys, sessions; invitations; consent to applications.
import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { inspect, open, owner, world } from './harness.mjs'

const w = world()

/** The code that an authenticator app shows for a secret (RFC 6238). */
function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function signIn(page, password = owner.password) {
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('the name is changed', () =>
  open(w, '/settings', async (page) => {
    await page.getByLabel('Name').waitFor()
    await inspect(page, 'settings-profile')
    await page.getByLabel('Name').fill('Ada Lovelace')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Account of Ada Lovelace' }).waitFor()
  }))

test('an application is agreed to, and gets a key', async () => {
  let called
  const app = createServer((req, res) => {
    if (req.url.startsWith('/done')) called = new URL(req.url, 'http://localhost')
    res.end('thanks')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => app.once('listening', resolve))
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const callback = `http://127.0.0.1:${app.address().port}/done`
  const query = new URLSearchParams({ callback_url: callback, code_challenge: challenge, code_challenge_method: 'S256', key_label: 'My editor', limit: '5', usage_limit_type: 'monthly', state: 'xyz' })
  try {
    await open(
      w,
      `/auth?${query}`,
      async (page) => {
        await page.getByRole('heading', { name: /asks for a key/ }).waitFor()
        await inspect(page, 'auth')
        await page.getByRole('button', { name: 'Allow' }).click()
        await page.waitForURL(`${callback}?**`)
        assert.equal(called.searchParams.get('state'), 'xyz')
        const answer = await page.request.post(`${w.gateway.url}/api/v1/auth/keys`, { data: { code: called.searchParams.get('code'), code_verifier: verifier, code_challenge_method: 'S256' } })
        assert.equal(answer.status(), 200, await answer.text())
        assert.match((await answer.json()).key, /^sk-or-v1-/)
      },
      { expect: [/left the gateway: http:\/\/127\.0\.0\.1:\d+\/(done|favicon)/] },
    )
    await open(w, '/auth?callback_url=javascript:alert(1)', async (page) => {
      await page.getByText('Nothing was given to it').waitFor()
      await inspect(page, 'auth-refused', { only: ['desktop'] })
    })
  } finally {
    app.close()
  }
})

test('somebody who is invited joins', () =>
  open(w, '/models', async (page) => {
    const made = await page.request.post('/api/v1/organization/invitations', { data: { email: 'bo@example.com', role: 'developer' } })
    assert.equal(made.status(), 201, await made.text())
    const { url } = (await made.json()).data
    await open(
      w,
      new URL(url).pathname + new URL(url).hash,
      async (guest) => {
        await guest.getByLabel('Name').fill('Bo')
        await guest.getByLabel('Password').fill('another long sentence')
        assert.ok(!guest.url().includes('token'))
        await inspect(guest, 'invite')
        await guest.getByRole('button', { name: 'Continue' }).click()
        await guest.getByRole('button', { name: 'Account of Bo' }).waitFor()
        await guest.getByText('developer').waitFor()
        await guest.getByRole('link', { name: 'Keys', exact: true }).click()
        await guest.getByRole('button', { name: 'New key' }).first().click()
        const form = guest.getByRole('dialog', { name: 'New key' })
        await form.getByLabel('Name').fill('mine')
        assert.equal(await form.getByRole('button', { name: 'Management' }).count(), 0)
        await form.getByRole('button', { name: 'Create key' }).click()
        await guest.getByRole('button', { name: 'I have copied it' }).click()
        await guest.getByText('mine').first().waitFor()
        assert.equal(await guest.getByText('first key').count(), 0, 'a developer sees keys of others')
      },
      { anonymous: true },
    )
  }))

test('a passkey is added, used and removed', () =>
  open(w, '/settings?tab=security', async (page, context) => {
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
    await page.goto(page.url().replace('127.0.0.1', 'localhost')) // an address is no relying party
    await page.waitForURL('**/signin**')
    await signIn(page)
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Laptop')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('cell', { name: 'Laptop', exact: true }).waitFor()
    await inspect(page, 'settings-security')
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL('**/chat')
    await page.goto('/settings?tab=security')
    await page.getByRole('button', { name: 'Remove Laptop' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('cell', { name: 'Laptop', exact: true }).waitFor({ state: 'detached' })
  }, { expect: [/left the gateway: http:\/\/localhost:/, /401/] }))

test('sessions are listed and ended', () =>
  open(w, '/settings?tab=sessions', async (page) => {
    await page.getByText('this one').waitFor()
    await inspect(page, 'settings-sessions')
    const rows = page.getByRole('table', { name: 'Sessions' }).getByRole('row')
    const before = await rows.count()
    await page.getByRole('button', { name: 'End' }).first().click()
    await page.getByText('The session has ended').waitFor()
    assert.equal(await rows.count(), before - 1)
  }))

test('the authenticator is turned on and asked for', () =>
  open(w, '/settings?tab=security', async (page, context) => {
    await page.getByRole('button', { name: 'Turn on' }).click()
    const dialog = page.getByRole('dialog')
    const secret = (await dialog.getByLabel('Secret', { exact: true }).innerText()).trim()
    await inspect(page, 'settings-totp')
    await dialog.getByRole('textbox', { name: 'Code' }).fill(totp(secret, Date.now() - 30_000))
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    const codes = page.getByLabel('Recovery codes', { exact: true })
    const [recovery] = (await codes.innerText()).trim().split('\n')
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('On', { exact: true }).waitFor()

    await open(
      w,
      '/signin',
      async (other) => {
        await signIn(other)
        await other.getByRole('textbox', { name: 'Code' }).fill(recovery)
        await inspect(other, 'signin-code', { only: ['phone'] })
        await other.getByRole('button', { name: 'Sign in' }).click()
        await other.waitForURL('**/chat')
      },
      { anonymous: true, expect: [/401/] },
    )
    await page.getByRole('button', { name: 'Turn off' }).click()
    await page.getByRole('dialog').getByLabel('Password').fill(owner.password)
    await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click()
    await page.getByText('The authenticator is off').waitFor()
    w.state = await context.storageState() // a change of what proves who one is makes a new session
  }))

test('the password is changed, which ends other sessions', () =>
  open(w, '/settings?tab=security', async (page, context) => {
    const other = await w.browser.newContext({ baseURL: w.gateway.url })
    await other.request.post('/api/v1/session', { data: { email: owner.email, password: owner.password } })
    assert.equal((await other.request.get('/api/v1/session')).status(), 200)
    await page.getByLabel('Current password').fill(owner.password)
    await page.getByLabel('New password').fill('quite another sentence')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('your other sessions have ended').waitFor()
    assert.equal((await other.request.get('/api/v1/session')).status(), 401)
    await other.close()
    await page.reload()
    await page.getByLabel('New password').waitFor()
    w.state = await context.storageState()
  }))

// The session in the browser: what the cookie is, what other sites can do with it, when it is another, and when it ends.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { open, owner, world } from './harness.mjs'

const w = world()
const tried = 'made by another site'

/** Another site's page, which tries all that a page can with the gateway's address. */
const other = createServer((req, res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>'))
before(() => new Promise((resolve) => other.listen(0, '127.0.0.1', resolve)))
after(() => {
  other.closeAllConnections()
  other.close()
})

const sessionCookie = async (context) => (await context.cookies(w.gateway.url)).find((c) => c.httpOnly)

async function signIn(page) {
  await page.goto('/signin')
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'New chat' }).waitFor()
}

test('no script reads the session, and no other site sends it along', () =>
  open(w, '/keys', async (page, context) => {
    const cookie = await sessionCookie(context)
    assert.equal(cookie.path, '/')
    assert.notEqual(cookie.sameSite, 'None')
    assert.equal(await page.evaluate(() => document.cookie), '')
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
    assert.ok(!kept.includes(cookie.value))
  }))

// A page of another port is of the same site to SameSite, which knows no ports: there it is the gateway that refuses.
for (const host of ['localhost', '127.0.0.1']) {
  test(`a page at ${host} and another port makes nothing by form, fetch or frame`, () =>
    open(
      w,
      '/keys',
      async (page) => {
        const attacker = await page.context().newPage()
        await attacker.goto(`http://${host}:${other.address().port}/`)
        const answers = await attacker.evaluate(
          async ({ url, name }) => {
            const body = JSON.stringify({ name })
            const send = (init) => fetch(`${url}/api/v1/keys`, { method: 'POST', credentials: 'include', body, ...init }).then((r) => r.type, () => 'refused')
            const read = () => fetch(`${url}/api/v1/keys`, { credentials: 'include' }).then((r) => r.text(), () => 'refused')
            return [await send({ mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }), await send({ headers: { 'Content-Type': 'application/json' } }), await read()]
          },
          { url: w.gateway.url, name: tried },
        )
        assert.ok(!answers[2].includes('"hash"'), answers[2].slice(0, 300))
        await attacker.evaluate(
          ({ url, name }) => {
            const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'text/plain', action: `${url}/api/v1/keys` })
            form.append(Object.assign(document.createElement('input'), { name: `{"name":"${name}","x":"`, value: '"}' }))
            document.body.append(form)
            form.submit()
          },
          { url: w.gateway.url, name: tried },
        )
        await attacker.waitForURL('**/api/v1/keys')
        await attacker.goto(`http://${host}:${other.address().port}/`)
        await attacker.evaluate((url) => document.body.append(Object.assign(document.createElement('iframe'), { src: `${url}/keys`, id: 'framed' })), w.gateway.url)
        await attacker.waitForFunction(() => document.getElementById('framed').contentDocument === null)
        assert.ok(!(await attacker.frames().at(-1).content().catch(() => '')).includes('id="root"'), 'the app is in a frame')

        const { data } = await (await page.request.get('/api/v1/keys')).json()
        assert.deepEqual(data.filter((k) => k.name === tried), [])
      },
      { expect: [/./] },
    ))
}

test('signing in makes a new session, whatever cookie was there', () =>
  open(
    w,
    '/signin',
    async (page, context) => {
      const { name } = (await (await w.browser.newContext({ storageState: w.state })).cookies(w.gateway.url)).find((c) => c.httpOnly)
      await context.addCookies([{ name, value: 'planted-by-somebody-else', url: w.gateway.url }])
      await signIn(page)
      const first = await sessionCookie(context)
      assert.notEqual(first.value, 'planted-by-somebody-else')
      await page.getByRole('button', { name: `Account of ${owner.name}` }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.waitForURL('**/signin')
      await signIn(page)
      assert.notEqual((await sessionCookie(context)).value, first.value)
      const old = await fetch(`${w.gateway.url}/api/v1/session`, { headers: { Cookie: `${name}=${first.value}` } })
      assert.equal(old.status, 401)
    },
    { anonymous: true, expect: [/401/] },
  ))

test('signing out in one tab ends the other', () =>
  open(
    w,
    '/signin',
    async (page, context) => {
      await signIn(page)
      const tab = await context.newPage()
      await tab.goto('/keys')
      await tab.getByText('first key').waitFor()
      await page.getByRole('button', { name: `Account of ${owner.name}` }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.waitForURL('**/signin')
      await tab.bringToFront()
      await tab.getByRole('link', { name: 'Members' }).click()
      await tab.waitForURL('**/signin?**')
      assert.equal(await tab.getByText('first key').count(), 0)
    },
    { anonymous: true, expect: [/401/] },
  ))

test('a session that is ended elsewhere ends here', () =>
  open(
    w,
    '/signin',
    async (page) => {
      await signIn(page)
      const elsewhere = await w.browser.newContext({ baseURL: w.gateway.url, storageState: w.state })
      const { data } = await (await elsewhere.request.get('/api/v1/me/sessions')).json()
      for (const s of data.filter((s) => !s.current)) assert.ok((await elsewhere.request.delete(`/api/v1/me/sessions/${s.id}`)).ok())
      await elsewhere.close()
      await page.getByRole('link', { name: 'Keys', exact: true }).click()
      await page.waitForURL('**/signin?**')
    },
    { anonymous: true, expect: [/401/, /ApiError: You are signed out/] },
  ))

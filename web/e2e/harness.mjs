// What the tests share: the real gateway on SQLite with its demo providers, a browser, and a watch over what a page
// must never do. DRAGOMAN_BIN is the gateway's program, CHROMIUM the browser's.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before } from 'node:test'
import { chromium } from 'playwright-core'
import { countCalls } from './calls.mjs'

const here = new URL('.', import.meta.url).pathname
const program = process.env.DRAGOMAN_BIN ?? join(here, '../../bin/dragoman')
export const browserProgram = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream']
const screenshots = join(here, 'screenshots')
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const owner = { organization: 'Hieronymus GmbH', name: 'Ada Owner', email: 'ada@example.com', password: 'a lovely long sentence' }

// Milliseconds that anything may take: a bound for a machine that is busy, not a measure.
const patience = 30_000

const sizes = { desktop: { width: 1360, height: 850 }, phone: { width: 390, height: 844 } }
const themes = ['light', 'dark']

// Who is not signed in asks who it is; Chromium writes every 401 into the console.
const always = [/401 \(Unauthorized\) \(\S+\/api\/v1\/session\)/]

/**
 * Starts a gateway with an empty data directory, or with `kept`, and with a configuration of YAML; `stop` ends it and
 * removes the directory that was made.
 */
export async function startGateway(config = '', kept) {
  const data = kept ?? mkdtempSync(join(tmpdir(), 'dragoman-web-'))
  const file = join(data, 'dragoman.yaml')
  writeFileSync(file, config)
  const env = { PATH: process.env.PATH, HOME: data }
  const child = spawn(program, ['serve', '--config', file, '--data', data, '--listen', '127.0.0.1:0', '--demo', '--print', 'json'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const announced = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)))
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    child.once('error', reject)
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    if (!kept) rmSync(data, { recursive: true, force: true })
  }
  return { pid: child.pid, url: announced.address, setup: announced.setup, managementKey: announced.management_key, key: announced.key, stop }
}

/** How the owner comes in: the path and body of a POST, which makes the owner if nobody is there. */
export function ownersWay(gateway) {
  if (!gateway.setup) return ['/api/v1/session', { email: owner.email, password: owner.password }]
  return ['/api/v1/setup', { token: new URL(gateway.setup).hash.slice('#token='.length), ...owner }]
}

/**
 * A gateway and a browser for the tests of one file. With `signedIn` the owner is there, and `open` begins as the
 * owner. `config` is asked for the gateway's configuration when it starts.
 */
export function world({ signedIn = true, config = async () => '' } = {}) {
  const w = {}
  before(async () => {
    w.gateway = await startGateway(await config())
    w.browser = await chromium.launch({ executablePath: browserProgram, args: flags })
    if (!signedIn) return
    const context = await w.browser.newContext({ baseURL: w.gateway.url })
    const token = new URL(w.gateway.setup).hash.slice('#token='.length)
    const made = await context.request.post('/api/v1/setup', { data: { token, ...owner } })
    assert.equal(made.status(), 201, await made.text())
    w.state = await context.storageState()
    await context.close()
  })
  after(async () => {
    await w.browser?.close()
    await w.gateway?.stop()
  })
  return w
}

/**
 * Opens an address, runs `visit` with the page and closes it. Errors in the console, exceptions, and answers of the
 * server that failed are failures of the test, unless `expect` has a pattern for them.
 */
export async function open(w, path, visit, { size = 'desktop', anonymous = false, expect = [] } = {}) {
  const context = await w.browser.newContext({
    baseURL: w.gateway.url,
    viewport: sizes[size],
    storageState: anonymous ? undefined : w.state,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write', 'microphone'],
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
  })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const wrong = []
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && wrong.push(`console: ${m.text()} (${m.location().url})`))
  page.on('dialog', (d) => (d.type() === 'beforeunload' ? d.accept() : (wrong.push(`dialog: ${d.message()}`), d.dismiss())))
  page.on('pageerror', (e) => wrong.push(`exception: ${e.stack ?? e}`))
  page.on('request', (r) => new URL(r.url()).host !== new URL(w.gateway.url).host && /^https?:/.test(r.url()) && wrong.push(`left the gateway: ${r.url()}`))
  underWay.set(page, watchRequests(page))
  try {
    await page.goto(path)
    await visit(page, context)
    const unexpected = wrong.filter((text) => ![...always, ...expect].some((pattern) => pattern.test(text)))
    assert.deepEqual(unexpected, [], 'the page did what it must not')
  } catch (e) {
    mkdirSync(screenshots, { recursive: true })
    await page.screenshot({ path: join(screenshots, 'failed.png') }).catch(() => undefined)
    if (wrong.length) e.message += `\n\nThe page also said:\n${wrong.join('\n')}`
    throw e
  } finally {
    await context.close()
  }
}

/**
 * Looks at a page in both sizes and themes: a screenshot of each, and no violation of WCAG 2.2 AA in any. While it is
 * `loading`, nobody waits for its requests.
 */
export async function inspect(page, name, { only = Object.keys(sizes), loading = false } = {}) {
  mkdirSync(screenshots, { recursive: true })
  const before = page.viewportSize()
  for (const size of only) {
    await page.setViewportSize(sizes[size])
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await settled(page, { loading })
      await page.screenshot({ path: join(screenshots, `${name}-${size}-${theme}.png`) })
      await accessible(page, `${name}, ${size}, ${theme}`, theme === 'light' ? all : contrast)
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize(before)
}

const underWay = new WeakMap() // the requests of a page that have no answer yet

function watchRequests(page) {
  const requests = new Set()
  page.on('request', (r) => requests.add(r))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => requests.delete(r))
  return requests
}

/** Waits until the page is there, nothing loads, unless it is to be seen `loading`, and nothing moves. */
export async function settled(page, { loading = false } = {}) {
  await page.locator('h1').first().waitFor({ state: 'attached' })
  const frames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  const deadline = Date.now() + patience
  for (let quiet = 0; quiet < 3 && Date.now() < deadline; quiet = loading || underWay.get(page).size === 0 ? quiet + 1 : 0) await frames()
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))))
}

/** Reloads a page whose own calls are done, and gives those that it makes from then on. */
export async function callsOfReload(page) {
  await settled(page)
  const calls = countCalls(page)
  await page.reload()
  return calls
}

// What axe looks for. Menus and tooltips stand outside the landmarks, at the end of the page, so `region` is not asked
// for; a theme changes nothing but contrast.
const all = { rules: { region: { enabled: false } }, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
const contrast = { runOnly: { type: 'rule', values: ['color-contrast'] } }

async function accessible(page, where, options) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  const { violations } = await page.evaluate((o) => axe.run(document, o), options)
  const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(' ')}  ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join('\n')}`)
  assert.deepEqual(found, [], `accessibility of ${where}`)
}

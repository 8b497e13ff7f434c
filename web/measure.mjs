// How fast the app is, on a machine that does nothing else: when a page can be used after a first load on a processor
// that is four times slower, how often each page asks the API, and how long the gateway takes to answer. With
// --data DIR the gateway has that directory, in which nobody may have been set up but by this program. It asserts nothing.
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { browserProgram, flags, ownersWay, startGateway } from './e2e/harness.mjs'
import { addresses as pages } from './e2e/pages.mjs'

const { values } = parseArgs({ options: { data: { type: 'string' }, rounds: { type: 'string', default: '10' }, only: { type: 'string', default: '' } } })
const rounds = Number(values.rounds)

const gateway = await startGateway('', values.data)
const browser = await chromium.launch({ executablePath: browserProgram, args: flags })
try {
  const first = await browser.newContext({ baseURL: gateway.url })
  const [path, data] = ownersWay(gateway)
  const made = await first.request.post(path, { data })
  if (!made.ok()) throw new Error(await made.text())
  const state = await first.storageState()
  console.log('page                      usable   calls   server p50    p95')
  for (const path of pages) if (path.includes(values.only)) await measure(path, state)
} finally {
  await browser.close()
  await gateway.stop()
}

async function measure(path, storageState) {
  const usable = []
  const served = []
  let calls = 0
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext({ baseURL: gateway.url, storageState, viewport: { width: 1360, height: 850 } }) // its cache is empty
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    let asked = 0
    page.on('requestfinished', (r) => {
      if (!r.url().includes('/api/v1/')) return
      asked++
      const t = r.timing()
      served.push(t.responseStart - t.requestStart)
    })
    await page.goto(path)
    await page.locator('h1').first().waitFor()
    // A page can be used when its heading is there and the main thread takes a task at once.
    usable.push(await page.evaluate(() => new Promise((done) => setTimeout(() => done(performance.now())))))
    await page.waitForLoadState('networkidle')
    calls = Math.max(calls, asked)
    await context.close()
  }
  const at = (list, share) => list.sort((a, b) => a - b)[Math.ceil(share * list.length) - 1] ?? 0
  console.log(`${path.padEnd(24)} ${at(usable, 0.5).toFixed(0).padStart(4)} ms ${String(calls).padStart(7)} ${at(served, 0.5).toFixed(1).padStart(9)} ms ${at(served, 0.95).toFixed(1).padStart(6)} ms`)
}

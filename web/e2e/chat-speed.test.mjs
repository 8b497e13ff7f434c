// Six streams beside each other: how long the page is ever held up. Asserted is the processor time of the page's
// tasks, which is the page's own doing; what the clock said is told beside it, as it also has the machine's other work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open, world } from './harness.mjs'

const w = world()
const columns = 6
const longest = 50 // milliseconds; from here the browser calls a task long

test('six streams of 100 tokens a second and more have no long task', () =>
  open(w, `/chat?models=${Array(columns).fill('demo/chat').join(',')}`, async (page) => {
    const message = page.getByRole('textbox', { name: 'Message' })
    for (let i = 1; i <= columns; i++) {
      await page.getByRole('button', { name: `Parameters of Demo Chat ${i}` }).click()
      await page.getByRole('combobox', { name: 'Only these' }).click()
      await page.getByRole('option', { name: 'Demo Cobalt' }).click() // 180 tokens a second
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Save' }).click()
    }
    await page.evaluate(() => {
      window.tasks = []
      window.frames = []
      new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' })
    })
    await w.browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
    await message.fill('- a list\n- of **two**\n\n```js\nconst a = 1\n```\n\n[[sim:words=1200]]')
    const start = Date.now()
    await message.press('Enter')
    await page.waitForFunction((n) => document.querySelectorAll('article[aria-label=Answer][aria-busy=true]').length === n, columns)
    await page.evaluate(() => {
      let last = performance.now()
      const frame = (now) => {
        window.frames.push(now - last)
        last = now
        requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
    })
    await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]'), undefined, { timeout: 60_000 })
    const took = (Date.now() - start) / 1000
    const { tasks, frames } = await page.evaluate(() => ({ tasks: window.tasks, frames: window.frames.sort((a, b) => a - b) }))
    const busy = mainTasks(JSON.parse(await w.browser.stopTracing()))
    const shown = (list, share) => (list[Math.floor(share * (list.length - 1))] ?? 0).toFixed(0)
    console.log(
      `# ${columns} streams for ${took.toFixed(1)} s: ${busy.length} tasks, p99 ${shown(busy, 0.99)} ms and at most ${shown(busy, 1)} ms of processor time, ${((busy.reduce((a, b) => a + b, 0) / took) / 10).toFixed(0)}% of one core;` +
        ` by the clock ${tasks.length} above ${longest} ms${tasks.length ? `, the longest ${Math.max(...tasks)} ms` : ''}; frames p50 ${shown(frames, 0.5)} ms, p95 ${shown(frames, 0.95)} ms, max ${shown(frames, 1)} ms`,
    )
    assert.ok(busy.length > 1000, 'the trace has no tasks')
    assert.deepEqual(busy.filter((t) => t > longest), [])
  }))

/** The processor time of each task of the page's main thread, in milliseconds, the shortest first. */
function mainTasks({ traceEvents }) {
  const times = new Map() // by thread
  for (const e of traceEvents) {
    if (e.ph !== 'X' || !e.name.endsWith('RunTask') || e.tdur === undefined) continue
    const thread = `${e.pid} ${e.tid}`
    times.set(thread, times.get(thread) ?? [])
    times.get(thread).push(e.tdur / 1000)
  }
  const mains = traceEvents.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => times.get(`${e.pid} ${e.tid}`) ?? [])
  const sum = (list) => list.reduce((a, b) => a + b, 0)
  return (mains.sort((a, b) => sum(b) - sum(a))[0] ?? []).sort((a, b) => a - b) // the page that worked is ours
}

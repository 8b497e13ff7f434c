// What opening a page costs, as counts, which are the same on every machine: calls of the API, files of code and their
// size. How long it takes is measured by measure.mjs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCalls } from './calls.mjs'
import { open, settled, world } from './harness.mjs'
import { addresses as pages } from './pages.mjs'
import { traffic } from './traffic.mjs'

const w = world()
const most = { calls: 3, files: 6, bytes: 250_000 } // bytes as sent
// Activity knows who is largest before it asks what they did over time; the catalogue has three lists of different things.
const dear = { '/activity': 4, '/activity?period=30d': 4, '/catalogue': 4 }

// Loaded when the page is there already: with the first text or chart, or while nothing else is to do.
const later = /\/(?:MarkdownText|Highlight|Plot)-/

test('requests of several kinds are made', () => traffic(w.gateway, 20))

for (const path of pages) {
  test(`${path} makes few calls and loads few files`, () =>
    open(w, 'about:blank', async (page) => {
      const calls = countCalls(page)
      await page.goto(path)
      await settled(page)
      const scripts = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .filter((r) => r.name.includes('/assets/') && r.name.endsWith('.js'))
          .map((r) => [r.name, r.encodedBodySize]),
      )
      const first = scripts.filter(([name]) => !later.test(name))
      const bytes = first.reduce((sum, [, size]) => sum + size, 0)
      console.log(`# ${path}: ${calls.length} calls, ${first.length} files of ${(bytes / 1000).toFixed(0)} KB`)
      assert.ok(calls.length <= (dear[path] ?? most.calls), calls.join('\n'))
      assert.ok(first.length <= most.files && first.length > 1, first.join('\n'))
      assert.ok(bytes <= most.bytes && bytes > 50_000, `${bytes} bytes of code`)
    }))
}

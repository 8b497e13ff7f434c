// What opening a page costs, as counts, which are the same on every machine: calls of the API, files of code and their
// size. How long it takes is measured by measure.mjs.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { countCalls } from './calls.mjs'
import { furnish, startSpeaker } from './furnish.mjs'
import { open, settled, world } from './harness.mjs'
import { pages } from './pages.mjs'
import { traffic } from './traffic.mjs'

const speaker = await startSpeaker(() => ({ message: { content: 'Hello.' } }))
const w = world()
after(() => speaker.stop())
const most = { calls: 3, files: 6, bytes: 250_000 } // bytes as sent

// Loaded when the page is there already: with the first text or chart, or while nothing else is to do.
const later = /\/(?:MarkdownText|Highlight|Plot)-/

let made
test('the world is furnished', async () => {
  await traffic(w.gateway, 20)
  made = await furnish(w, (what) => what, speaker.url)
})

// Views that ask other things than their page does at first.
const plain = [
  ...['/activity?period=30d', '/byok?credential=new', '/catalogue?view=prices', '/catalogue?form=new', '/credits?form=grant', '/destinations?destination=new', '/identity?view=scim', '/identity?view=workloads&form=policy'],
  ...['/keys?key=new', '/keys?kind=management', '/keys?kind=review', '/members?view=invitations', '/members?form=invite', '/models?providers=demo-amber', '/playground/speech?do=transcribe', '/presets?form=new', '/rankings?of=apps'],
  ...['performance', 'parameters', 'api'].map((tab) => `/models/demo/chat?tab=${tab}`),
  ...['profile', 'sessions'].map((tab) => `/settings?tab=${tab}`),
]
const views = [
  ...plain.map((path) => ({ path, at: () => path })),
  ...['filters', 'keys', 'members'].map((tab) => ({ path: `/guardrails/$id?tab=${tab}`, at: (made) => `/guardrails/${made.guardrail}?tab=${tab}` })),
  ...['tab=members', 'tab=settings', 'budget=monthly'].map((view) => ({ path: `/workspaces/$id?${view}`, at: (made) => `/workspaces/${made.workspace}?${view}` })),
  { path: '/destinations?destination=$id', at: (made) => `/destinations?destination=${made.destination}` },
  { path: '/generations/$id?view=json', at: (made) => `/generations/${made.generation}?view=json` },
  { path: '/keys?key=$hash', at: (made) => `/keys?key=${made.key}` },
  { path: '/logs?key=$hash', at: (made) => `/logs?key=${made.key}` },
  { path: '/presets/$slug?form=version', at: (made) => `/presets/${made.preset}?form=version` },
  { path: '/routing?key=$hash', at: (made) => `/routing?model=demo/chat&key=${made.key}` },
]

for (const { path, at, anonymous } of [...pages, ...views]) {
  test(`${path} makes few calls and loads few files`, () =>
    open(w, 'about:blank', async (page) => {
      const calls = countCalls(page)
      await page.goto(at(made))
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
      assert.ok(calls.length <= most.calls, calls.join('\n'))
      assert.ok(first.length <= most.files && first.length > 1, first.join('\n'))
      assert.ok(bytes <= most.bytes && bytes > 50_000, `${bytes} bytes of code`)
    }, { anonymous }))
}

// Fails when the first load has more JavaScript than its budget: the entry with the frame of the pages and all
// that they import at once, then the page that comes first. Sizes are of the Brotli forms, which browsers get.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

const budget = { entry: 150_000, first: 250_000 } // bytes
const dist = new URL('../internal/web/dist/', import.meta.url).pathname
const assets = join(dist, 'assets')

const text = (file) => brotliDecompressSync(readFileSync(file + '.br')).toString()
const named = (prefix) => {
  const found = readdirSync(assets).find((f) => f.startsWith(prefix + '-') && f.endsWith('.js.br'))
  if (!found) throw new Error(`no asset is named ${prefix}-….js: the budget measures nothing`)
  return found.slice(0, -3)
}

/** A chunk with all that it imports before it runs; what it loads later, by import(), is not in it. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, file] of text(join(assets, name)).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) closure(file, seen)
  return seen
}

const size = (names) => [...names].reduce((sum, n) => sum + statSync(join(assets, n + '.br')).size, 0)

const entry = closure(basename(/<script type="module"[^>]*src="([^"]+)"/.exec(text(join(dist, 'index.html')))[1]))
const first = new Set([...entry, ...closure(named('ChatPage'))])
const sizes = { entry: size(entry), first: size(first) }

for (const [what, bytes] of Object.entries(sizes)) {
  console.log(`${what.padEnd(6)} ${(bytes / 1000).toFixed(1).padStart(7)} KB of ${budget[what] / 1000} KB`)
  if (bytes > budget[what]) process.exitCode = 1
}

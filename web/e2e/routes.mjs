// The pages that the app has, read from the routes' own files: nobody can add one without a row in pages.mjs.
import { readdirSync, readFileSync } from 'node:fs'

const made = /const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: '([^']+)'(?:,\s*staticData: \{ title: '([^']+)' \})?/g

/** Path and title of every page; what only leads elsewhere has neither a page nor a row. */
export function routes() {
  const pages = new URL('../src/pages/', import.meta.url)
  return readdirSync(pages).flatMap((name) => {
    const found = [...readFileSync(new URL(`${name}/route.ts`, pages), 'utf8').matchAll(made)]
    const paths = new Map(found.map(([, route, , path]) => [route, path]))
    const parents = new Set(found.map(([, , parent]) => parent))
    return found.filter(([, route, , , title]) => title && !parents.has(route)).map(([, , parent, path, title]) => ({ path: (paths.get(parent) ?? '') + path, title }))
  })
}

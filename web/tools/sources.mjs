// The hash of what the app is built from. internal/web's tests work it out again in Go, so that assets that were
// not built from the sources beside them are noticed without Node. Keep both the same.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is built from: files and folders of web/. */
export const inputs = ['index.html', 'package-lock.json', 'package.json', 'public', 'src', 'tools', 'tsconfig.json', 'vite.config.ts']

/** Written by `npm run schema` from internal/manage/openapi.json: types alone, nothing of them is in the assets. */
export const generated = 'src/lib/schema.d.ts'

/** SHA-256 over "path\0length\0bytes" of every file, in the order of their paths. */
export function sourceHash(root) {
  const files = inputs.flatMap((name) => walk(root, name)).filter((f) => f !== generated)
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    const bytes = readFileSync(join(root, file))
    hash.update(`${file}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function walk(root, name) {
  try {
    return readdirSync(join(root, name)).flatMap((child) => walk(root, `${name}/${child}`))
  } catch (e) {
    if (e.code === 'ENOTDIR') return [name]
    throw e
  }
}

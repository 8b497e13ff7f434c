import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin, ResolvedConfig } from 'vite'
import { sourceHash } from './sources.mjs'

/**
 * Replaces every built file by its Brotli and gzip forms, which is what internal/web embeds, and writes the hash of
 * the sources beside them.
 */
export function pack(): Plugin {
  let config: ResolvedConfig
  return {
    name: 'pack',
    apply: 'build',
    configResolved: (resolved) => void (config = resolved),
    closeBundle() {
      const out = config.build.outDir
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) compress(join(entry.parentPath, entry.name))
      }
      writeFileSync(join(out, 'source.sha256'), sourceHash(config.root) + '\n')
    },
  }
}

function compress(file: string) {
  const bytes = readFileSync(file)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(file + '.br', brotliCompressSync(bytes, { params }))
  writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }))
  rmSync(file)
}

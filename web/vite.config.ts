import { fileURLToPath } from 'node:url'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compileAtOnce } from './tools/compile.ts'
import { licences } from './tools/licences.ts'
import { pack } from './tools/pack.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The gateway that `npm run dev` talks to.
const gateway = process.env.DRAGOMAN_URL ?? 'http://127.0.0.1:8080'

// A page is three files: what every page runs before it, what several pages share, and its own. A file for each thing
// that is shared would cost a browser more than the code in it.
const groups = [
  { name: 'core', tags: ['$initial' as const], priority: 2 },
  { name: 'shared', test: /\/web\/src\/(?:app|lib|ui)\/(?!samples\/)|\/node_modules\/(?:@radix-ui|@tanstack|aria-hidden|cmdk|devlop|lucide-react)\//, minShareCount: 2, priority: 1 },
]

export default defineConfig({
  plugins: [react(), tailwind(), compileAtOnce(), licences(), pack()],
  resolve: {
    alias: {
      '@': here('./src'),
      // Radix's scroll lock writes a <style> element, which our Content-Security-Policy forbids.
      'react-remove-scroll': here('./src/ui/scroll-lock.tsx'),
      // Its form for browsers decodes by innerHTML, which trusted types forbid.
      'decode-named-character-reference': here('./node_modules/decode-named-character-reference/index.js'),
    },
  },
  build: {
    outDir: here('../internal/web/dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // no data: in scripts and styles
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { proxy: { '/api': gateway, '/v1': gateway, '/openapi.json': gateway } },
})

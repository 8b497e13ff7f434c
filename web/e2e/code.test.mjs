// The code that chat shows: it is the request, whatever stands in it, and it runs.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const awkward = `It's "quoted", $HOME, \`tick\`, \\back\\slash, 100% <b>&amp;</b>\nnew line\ttab – ünïcode 😀 \u202eright to left \u{feff}mark '''"""`

/** Opens the code of a conversation whose every part is awkward; gives what is copied for a kind. */
const code = (visit) =>
  open(w, '/chat?models=demo/thinker', async (page) => {
    await page.getByRole('button', { name: 'System and tools' }).click()
    const sheet = page.getByRole('dialog', { name: 'System prompt and tools' })
    await sheet.getByLabel('System prompt').fill(`Be terse. ${awkward}`)
    await sheet.getByRole('button', { name: 'Begin with an example' }).click()
    await sheet.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Parameters of Demo Thinker' }).click()
    const own = page.getByRole('dialog', { name: 'Parameters of Demo Thinker' })
    await own.getByLabel('Temperature').fill('0.5')
    await own.getByLabel('Longest answer').fill('300')
    await own.getByLabel('Reasoning').selectOption('low')
    await own.getByLabel('Order').selectOption('price')
    await own.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('textbox', { name: 'Message' }).fill(awkward)
    await page.getByRole('button', { name: 'Code' }).click()
    const dialog = page.getByRole('dialog', { name: 'Code' })
    const copied = async (language, library) => {
      await dialog.getByRole('button', { name: language, exact: true }).click()
      if (library) await dialog.getByRole('button', { name: library, exact: true }).click()
      await dialog.getByRole('button', { name: 'Copy request' }).click()
      await page.waitForFunction((start) => navigator.clipboard.readText().then((t) => t.includes(start)), { curl: 'curl ', Python: 'import os', TypeScript: 'const client', Go: 'package main' }[language])
      return page.evaluate(() => navigator.clipboard.readText())
    }
    await visit(copied, page)
  })

test('curl runs, and the gateway is asked what stands there', () =>
  code(async (copied, page) => {
    const text = await copied('curl')
    await inspect(page, 'chat-code')
    const dir = mkdtempSync(join(tmpdir(), 'dragoman-code-'))
    try {
      const { stdout, status, stderr } = spawnSync('bash', ['-c', text], { cwd: dir, env: { ...process.env, DRAGOMAN_KEY: w.gateway.key }, encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      const chunks = stdout.split('\n').filter((l) => l.startsWith('data: {')).map((l) => JSON.parse(l.slice(6)))
      const answer = chunks.map((c) => c.choices[0]?.delta?.content ?? '').join('')
      assert.ok(answer.includes(awkward.slice(0, 40)), `the simulator repeats the question: ${stdout.slice(0, 500)}`)
      assert.ok(chunks.at(-1).usage.completion_tokens <= 300)
    } finally {
      rmSync(dir, { recursive: true })
    }
  }))

test('the programs are of their languages, and hold the texts to the letter', () =>
  code(async (copied) => {
    const dir = mkdtempSync(join(tmpdir(), 'dragoman-code-'))
    try {
      for (const library of ['openai', 'anthropic', 'openrouter']) {
        writeFileSync(join(dir, 'a.py'), await copied('Python', library))
        const strings = JSON.parse(execFileSync('python3', ['-c', 'import ast,json,sys;print(json.dumps([n.value for n in ast.walk(ast.parse(open(sys.argv[1]).read())) if isinstance(n,ast.Constant) and isinstance(n.value,str)]))', join(dir, 'a.py')], { encoding: 'utf8' }))
        assert.ok(strings.includes(awkward), library)
      }
      const ts = (await import('typescript')).default
      for (const library of ['openai', '@anthropic-ai/sdk', '@openrouter/sdk']) {
        const source = ts.createSourceFile('a.ts', await copied('TypeScript', library), ts.ScriptTarget.ESNext, true)
        assert.deepEqual(source.parseDiagnostics, [], library)
        const strings = []
        const walk = (node) => (ts.isStringLiteral(node) && strings.push(node.text), ts.forEachChild(node, walk))
        walk(source)
        assert.ok(strings.includes(awkward), library)
      }
      for (const library of ['openai-go', 'anthropic-sdk-go']) {
        const text = await copied('Go', library)
        const [, body] = /json\.RawMessage\((`[\s\S]*`)\)\)/.exec(text)
        const joined = body.split('` + "`" + `').join('\u0000').slice(1, -1)
        assert.ok(!joined.includes('`'), 'a raw string ends in its middle')
        const request = JSON.parse(joined.replaceAll('\u0000', '`'))
        assert.ok(JSON.stringify(request.messages.at(-1)).includes(JSON.stringify(awkward)), library)
      }
    } finally {
      rmSync(dir, { recursive: true })
    }
  }))

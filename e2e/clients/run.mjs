// Runs every client against a gateway in front of the provider simulator, prints a table and,
// with --write FILE, keeps it. `node run.mjs [sdk|agents] [NAME …]`; DRAGOMAN and SIMUP name
// the two programs.
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agents } from './agents.mjs'
import { sdks } from './sdk.mjs'
import { config, provide, services } from './services.mjs'

const models = ['sim/gpt', 'sim/claude', 'sim/gemini']
const args = process.argv.slice(2)
const file = args.includes('--write') ? args.splice(args.indexOf('--write'), 2)[1] : ''
const wanted = args.filter(a => a !== 'sdk' && a !== 'agents')
const part = args.find(a => a === 'sdk' || a === 'agents')
const dir = mkdtempSync(join(tmpdir(), 'clients-'))
const running = []
const closing = []

// start runs a program until a line of its output matches.
function start(program, argv, pattern) {
  return new Promise((resolve, reject) => {
    const p = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    running.push(p)
    let out = ''
    const read = b => { out += b; const m = out.match(pattern); if (m) resolve(m) }
    p.stdout.on('data', read)
    p.stderr.on('data', read)
    p.on('error', reject)
    p.on('exit', code => reject(new Error(`${program} ended with ${code}: ${out}`)))
  })
}

function version(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version
}

function withLimit(promise, ms) {
  let timer
  return Promise.race([promise, new Promise((_, no) => { timer = setTimeout(() => no(new Error(`took longer than ${ms / 1000} s`)), ms) })]).finally(() => clearTimeout(timer))
}

async function main() {
  const ids = { 'sim/gpt': 'oai', 'sim/claude': 'ant', 'sim/gemini': 'gem' }
  const model = id => ({ id, tools: true, vision: true, reasoning: true })
  writeFileSync(join(dir, 'sim.json'), JSON.stringify({ providers: models.map(m => ({ slug: ids[m], name: 'Sim ' + ids[m], models: [model('m')] })) }))
  const [, upstream] = await start(process.env.SIMUP ?? '../../bin/simup', ['--listen', '127.0.0.1:0', '--config', join(dir, 'sim.json')], /(http:\/\/127\.0\.0\.1:\d+)/)
  const others = await provide()
  closing.push(others.close)
  const more = config(others.at)
  const wires = { oai: ['openai.chat', '/v1', 'also: [openai.responses], '], ant: ['anthropic.messages', '', ''], gem: ['gemini.generateContent', '', ''] }
  const reasons = { oai: '{effort: true}', ant: '{budget: true}', gem: '{budget: true}' }
  writeFileSync(join(dir, 'dragoman.yaml'), `listen: 127.0.0.1:0
data: ${join(dir, 'data')}
demo: false
providers:
${Object.entries(wires).map(([slug, [wire, path, also]]) => `  - {slug: sim-${slug}, name: Sim ${slug}, protocol: ${wire}, ${also}base_url: "${upstream}/${slug}${path}"}`).join('\n')}
${more.providers}
models:
${models.map(m => `  - slug: ${m}
    context_length: 400000
    input_modalities: [text, image]
    endpoints: [{provider: sim-${ids[m]}, upstream_model: m, reasoning: ${reasons[ids[m]]}, price: {prompt: "1", completion: "2"}}]`).join('\n')}
${more.models}
`)
  const [, at, key] = await start(process.env.DRAGOMAN ?? '../../bin/dragoman', ['serve', '--config', join(dir, 'dragoman.yaml')], /(http:\/\/127\.0\.0\.1:\d+)[\s\S]*?(sk-or-v1-[0-9a-f]+)/)

  // sim is the providers' side: what they were asked, and what they will fail at.
  const sim = {
    async lines() { const t = await (await fetch(upstream + '/_sim/invoice')).text(); return t.split('\n').filter(Boolean).map(l => JSON.parse(l)) },
    async fault(m, fault) { const r = await fetch(upstream + '/_sim/faults', { method: 'POST', body: JSON.stringify({ provider: ids[m], fault }) }); if (!r.ok) throw new Error(await r.text()) },
  }
  const rows = []
  let failed = 0
  const note = (client, what, m, name, error) => {
    rows.push({ client, what, model: m, name, error })
    if (error) failed++
    console.log(`${error ? 'FAIL' : 'ok  '} ${client} ${what} ${m} ${name}${error ? ': ' + String(error.stack ?? error).split('\n').slice(0, 4).join(' | ').slice(0, 600) : ''}`)
  }
  const chosen = name => wanted.length === 0 || wanted.some(w => name.includes(w))
  if (part !== 'agents') {
    for (const [name, what, make, only] of [...sdks, ...services]) {
      if (!chosen(name)) continue
      const cases = make(at, key, sim)
      for (const m of only ?? models) {
        for (const [c, f] of Object.entries(cases)) {
          try { await withLimit(f(m), 60000); note(name, what, m, c) } catch (e) { note(name, what, m, c, e) }
        }
      }
    }
  }
  if (part !== 'sdk') {
    for (const [name, what, run] of agents) {
      if (!chosen(name)) continue
      for (const m of models) {
        try { await run({ at, key, model: m, dir }); note(name, what, m, 'writes and reads a file') } catch (e) { note(name, what, m, 'writes and reads a file', e) }
      }
    }
  }
  console.log(`${rows.length - failed} of ${rows.length}`)
  if (file) writeFileSync(file, table(rows))
  return failed
}

// table is the page for docs.
function table(rows) {
  const names = [...new Set(rows.map(r => `${r.client}\0${r.what}`))]
  const lines = names.map(n => {
    const [client, what] = n.split('\0')
    const mine = rows.filter(r => r.client === client && r.what === what)
    const cells = models.map(m => {
      const of = mine.filter(r => r.model === m)
      if (of.length === 0) return '–'
      const bad = of.filter(r => r.error)
      return `${of.length - bad.length} of ${of.length}${bad.length ? ': not ' + bad.map(r => r.name).join(', ') : ''}`
    })
    return `| ${client} ${version(client)} | ${what} | ${[...new Set(mine.map(r => r.name))].join(', ')} | ${cells.join(' | ')} |`
  })
  return `# Clients that have been tried

Each client is unmodified and knows a base URL and a key. Behind the gateway stands the
[simulator](simulator.md) in three wires: OpenAI's, Anthropic's and Gemini's; embeddings, audio and
images are played by \`e2e/clients/services.mjs\`. \`make clients\` runs all and writes this page.

Beside the answers themselves the cases hold that the provider sees an aborted client leave (abort), that
a stream which ends with an error is no whole answer (broken), that a client's own retry after 429
succeeds (retry), and that a turn of tools goes on while the model thinks, where the Anthropic and Gemini
models refuse a turn without its signature (thinking with tools). Token counts are held against the provider's
invoice for openai's chat, its streamed responses, @anthropic-ai/sdk's streams and @google/genai's simple case.
Vision holds only that the picture was taken and answered. The SDKs for Go are tried by
\`make e2e\`, in \`e2e/*_test.go\`: openai-go, go-openai, anthropic-sdk-go and genai.

| client | by | cases | OpenAI model | Anthropic model | Gemini model |
|---|---|---|---|---|---|
${lines.join('\n')}
`
}

let code = 1
try { code = await main() ? 1 : 0 } catch (e) { console.error(e) } finally {
  for (const p of running) p.kill()
  for (const close of closing) close()
  rmSync(dir, { recursive: true, force: true })
}
process.exit(code)

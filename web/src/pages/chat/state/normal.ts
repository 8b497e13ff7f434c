// What comes from a file can be anything: of it only what a conversation has is taken, in its types.
import type { Usage } from './answer'
import { mostColumns } from './chat'
import type { Whole } from './db'
import { type Answer, type Attachment, type Column, type Effort, type Message, newId, type Parameters, type ToolCall } from './types'

type Fields = Record<string, unknown>

const fields = (v: unknown): Fields => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Fields) : {})
const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])
const text = (v: unknown): string => (typeof v === 'string' ? v : '')
const maybeText = (v: unknown): string | undefined => (typeof v === 'string' && v ? v : undefined)
const number = (v: unknown): number | undefined => (typeof v === 'number' && Number.isFinite(v) && v >= 0 ? v : undefined)
const one = <T extends string>(v: unknown, of: readonly T[]): T | undefined => of.find((o) => o === v)

/** A conversation of a file, with new ids throughout, so that it never replaces another. */
export function normal(value: unknown): Whole {
  const { conversation: c0, messages: m0, files: f0 } = fields(value)
  const c = fields(c0)
  const id = newId()
  const ids = new Map<string, string>()
  const own = (old: unknown): string => {
    const key = text(old)
    const known = ids.get(key) ?? newId()
    ids.set(key, known)
    return known
  }
  const files = list(f0).map((f) => attachment(fields(f), id, own)).filter((f) => f !== null)
  const has = new Set(list(m0).map((m) => text(fields(m).id)))
  const messages = rooted(list(m0).map((m) => message(fields(m), id, own, has)).filter((m) => m !== undefined))
  const known = new Set(messages.map((m) => m.id))
  const columns = list(c.columns).slice(0, mostColumns).map((v) => column(fields(v), own, known))
  if (columns.length === 0 || messages.length === 0) throw new Error('The file has a conversation without messages')
  const at = number(c.created) ?? Date.now()
  return {
    conversation: {
      ...{ id, title: text(c.title).slice(0, 200) || 'Imported conversation', named: c.named === true, pinned: false },
      ...{ system: text(c.system), tools: text(c.tools), columns, blind: null, created: at, updated: number(c.updated) ?? at },
    },
    messages,
    files,
  }
}

/** Messages of which each has a beginning: a circle is opened where it is met. */
function rooted(messages: readonly Message[]): Message[] {
  const by = new Map(messages.map((m) => [m.id, m]))
  const good = new Set<string>()
  for (const m of messages) {
    const trail = new Set<string>()
    for (let at: Message | undefined = m; at && !good.has(at.id); at = at.parent === null ? undefined : by.get(at.parent)) {
      trail.add(at.id)
      if (at.parent !== null && trail.has(at.parent)) by.set(at.id, (at = { ...at, parent: null }))
    }
    for (const id of trail) good.add(id)
  }
  return [...by.values()]
}

function column(c: Fields, own: (old: unknown) => string, known: ReadonlySet<string>): Column {
  const leaf = own(c.leaf)
  return { id: own(c.id), model: text(c.model), parameters: parameters(fields(c.parameters)), system: typeof c.system === 'string' ? c.system : undefined, leaf: known.has(leaf) ? leaf : null }
}

function parameters(p: Fields): Parameters {
  const only = list(p.only).map(text).filter(Boolean)
  return {
    ...{ temperature: number(p.temperature), top_p: number(p.top_p), max_tokens: number(p.max_tokens) },
    effort: one<Effort>(p.effort, ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']),
    ...{ only: only.length ? only : undefined, sort: one(p.sort, ['price', 'throughput', 'latency']), zdr: p.zdr === true || undefined },
  }
}

function attachment(f: Fields, conversation: string, own: (old: unknown) => string): Attachment | null {
  const url = text(f.url)
  if (!/^data:(image\/(png|jpeg|webp|gif)|application\/pdf);base64,/.test(url)) return null
  return { id: own(f.id), conversation, name: text(f.name).slice(0, 200), type: url.slice(5, url.indexOf(';')), size: number(f.size) ?? 0, url }
}

function message(m: Fields, conversation: string, own: (old: unknown) => string, has: ReadonlySet<string>): Message | undefined {
  const parent = text(m.parent)
  const node = { id: own(m.id), conversation, column: own(m.column), parent: has.has(parent) && parent !== m.id ? own(parent) : null, at: number(m.at) ?? 0 }
  if (m.role === 'user') return { ...node, role: 'user', text: text(m.text), files: list(m.files).map(own), group: own(m.group) }
  if (m.role === 'tool') return { ...node, role: 'tool', call: text(m.call), name: text(m.name), text: text(m.text) }
  return m.role === 'assistant' ? answer(m, node) : undefined
}

function answer(m: Fields, node: { id: string; conversation: string; column: string; parent: string | null; at: number }): Answer {
  return {
    ...node,
    ...{ role: 'assistant', model: text(m.model), text: text(m.text), reasoning: text(m.reasoning), details: list(m.details).map(fields) },
    calls: list(m.calls).map((c): ToolCall => ({ id: text(fields(c).id), name: text(fields(c).name), arguments: text(fields(c).arguments) })),
    images: list(m.images).map(text).filter((u) => u.startsWith('data:image/')),
    sources: list(m.sources).map((s) => ({ url: text(fields(s).url), title: text(fields(s).title) })).filter((s) => URL.canParse(s.url) && /^https?:/.test(s.url)),
    state: one(m.state, ['done', 'stopped', 'failed']) ?? 'stopped',
    ...{ error: maybeText(m.error), generation: maybeText(m.generation), provider: maybeText(m.provider), finish: maybeText(m.finish), nativeFinish: maybeText(m.nativeFinish) },
    ...{ usage: usage(fields(m.usage)), first: number(m.first), thought: number(m.thought), whole: number(m.whole) },
  }
}

function usage(u: Fields): Usage | undefined {
  const [prompt, completion] = [number(u.prompt_tokens), number(u.completion_tokens)]
  if (prompt === undefined || completion === undefined) return undefined
  return {
    ...{ prompt_tokens: prompt, completion_tokens: completion, cost: number(u.cost), is_byok: u.is_byok === true },
    prompt_tokens_details: { cached_tokens: number(fields(u.prompt_tokens_details).cached_tokens) },
    completion_tokens_details: { reasoning_tokens: number(fields(u.completion_tokens_details).reasoning_tokens) },
  }
}

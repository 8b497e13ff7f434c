// The request that a column makes, the same for sending and for the code that is shown.
import type { ChatRequest } from '@/lib/stream'
import type { Tree } from './tree'
import type { Answer, Attachment, Column, Conversation, Message, Parameters, Prompt, Result } from './types'

export type Wire = Record<string, unknown>

type Source = { conversation: Conversation; tree: Tree; files: ReadonlyMap<string, Attachment> }

/** What a column asks after the branch that ends with `leaf`, and after `draft`, which is not sent yet. */
export function requestOf(source: Source, column: Column, leaf: string | null, draft?: { text: string; files: readonly Attachment[] }): ChatRequest {
  const { conversation, tree, files } = source
  const system = column.system ?? conversation.system
  const path = tree.pathTo(leaf)
  const wire: Wire[] = system.trim() ? [{ role: 'system', content: system }] : []
  for (const m of path) {
    if (m.role === 'user') wire.push(promptOf(m.text, attachments(m, files)))
    else if (m.role === 'tool') wire.push({ role: 'tool', tool_call_id: m.call, content: m.text })
    else if (m.text || m.calls.length > 0) wire.push(answerOf(m, path))
  }
  if (draft) wire.push(promptOf(draft.text, draft.files))
  const tools = toolsOf(conversation.tools)
  return { model: column.model, messages: wire, ...(tools.length ? { tools } : {}), ...parametersOf(column.parameters) } as ChatRequest
}

function attachments(m: Prompt, files: ReadonlyMap<string, Attachment>): Attachment[] {
  return m.files.flatMap((id) => files.get(id) ?? [])
}

function promptOf(text: string, files: readonly Attachment[]): Wire {
  if (files.length === 0) return { role: 'user', content: text }
  const parts = files.map((f) =>
    f.type.startsWith('image/') ? { type: 'image_url', image_url: { url: f.url } } : { type: 'file', file: { filename: f.name, file_data: f.url } },
  )
  return { role: 'user', content: text ? [{ type: 'text', text }, ...parts] : parts }
}

/** Calls without a result are left out: no provider takes them. */
function answerOf(a: Answer, path: readonly Message[]): Wire {
  const results = new Set(path.filter((m): m is Result => m.role === 'tool').map((m) => m.call))
  const calls = a.calls.filter((c) => results.has(c.id))
  return {
    role: 'assistant',
    content: a.text || (calls.length ? null : ''),
    ...(calls.length ? { tool_calls: calls.map((c) => ({ id: c.id, type: 'function', function: { name: c.name, arguments: c.arguments } })) } : {}),
    ...(calls.length && a.details.length ? { reasoning_details: a.details } : {}),
  }
}

function parametersOf(p: Parameters): Wire {
  const provider = { ...(p.only?.length ? { only: p.only } : {}), ...(p.sort ? { sort: p.sort } : {}), ...(p.zdr ? { zdr: true } : {}) }
  return {
    ...(p.temperature === undefined ? {} : { temperature: p.temperature }),
    ...(p.top_p === undefined ? {} : { top_p: p.top_p }),
    ...(p.max_tokens === undefined ? {} : { max_tokens: p.max_tokens }),
    ...(p.effort ? { reasoning: { effort: p.effort } } : {}),
    ...(Object.keys(provider).length ? { provider } : {}),
  }
}

/** The tools that a JSON text defines; none when it is empty or wrong, which `toolsError` explains. */
export function toolsOf(text: string): Wire[] {
  if (!text.trim() || toolsError(text)) return []
  return (JSON.parse(text) as Wire[]).map((t) => (t.type === undefined ? { type: 'function', function: t } : t))
}

/** What is wrong with definitions of tools. */
export function toolsError(text: string): string | undefined {
  if (!text.trim()) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    return `This is not JSON: ${e instanceof Error ? e.message : String(e)}`
  }
  if (!Array.isArray(value)) return 'Tools are a JSON array: [{"type": "function", "function": {"name": …}}]'
  const wrong = value.findIndex((t: Wire | null) => !nameOf(t))
  return wrong < 0 ? undefined : `Tool ${wrong + 1} has no name: it is {"type": "function", "function": {"name": …, "parameters": …}}`
}

function nameOf(tool: unknown): string {
  const t = (tool ?? {}) as { type?: unknown; name?: unknown; function?: { name?: unknown } }
  if (typeof t.function?.name === 'string') return t.function.name
  if (typeof t.name === 'string') return t.name
  return typeof t.type === 'string' && t.type !== 'function' ? t.type : '' // a tool of the server
}

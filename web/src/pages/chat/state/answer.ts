// Puts the chunks of a stream together.
import type { ChatChunk } from '@/lib/stream'
import type { Answer } from './types'

export type Usage = {
  prompt_tokens: number
  completion_tokens: number
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null
  completion_tokens_details?: { reasoning_tokens?: number } | null
  cost?: number
  is_byok?: boolean
}

type CallDelta = { index?: number; id?: string; function?: { name?: string; arguments?: string } }
type Delta = {
  content?: string | null
  reasoning?: string | null
  refusal?: string | null
  reasoning_details?: Record<string, unknown>[]
  tool_calls?: CallDelta[]
  images?: { image_url?: { url?: string } }[]
  annotations?: { type?: string; url_citation?: { url?: string; title?: string } }[]
}

/** Adds a chunk to an answer, in place; `ms` is how long after the request it came. */
export function add(a: Answer, chunk: ChatChunk, ms: number) {
  const choice = chunk.choices[0]
  const delta = (choice?.delta ?? {}) as Delta
  if (delta.reasoning) a.reasoning += delta.reasoning
  const text = (delta.content ?? '') + (delta.refusal ?? '')
  if (text || delta.tool_calls?.length) a.thought ??= a.reasoning ? ms : undefined
  a.text += text
  for (const d of delta.reasoning_details ?? []) addDetail(a.details, d)
  for (const c of delta.tool_calls ?? []) addCall(a, c)
  for (const i of delta.images ?? []) if (i.image_url?.url?.startsWith('data:image/')) a.images.push(i.image_url.url)
  for (const n of delta.annotations ?? []) addSource(a, n.url_citation)
  if (text || delta.reasoning || delta.tool_calls?.length || delta.images?.length) a.first ??= ms
  if (choice?.finish_reason) a.finish = choice.finish_reason
  if (choice?.native_finish_reason) a.nativeFinish = choice.native_finish_reason
  if (chunk.provider) a.provider = chunk.provider
  if (chunk.usage) a.usage = chunk.usage as Usage
}

function addCall(a: Answer, d: CallDelta) {
  const at = Math.min(d.index ?? 0, a.calls.length) // no holes, whatever the provider counts
  const call = (a.calls[at] ??= { id: '', name: '', arguments: '' })
  if (d.id) call.id = d.id
  if (d.function?.name) call.name += d.function.name
  if (d.function?.arguments) call.arguments += d.function.arguments
}

/** Pieces of one detail have its type and index; their texts are joined, everything else is the last one's. */
function addDetail(details: Record<string, unknown>[], d: Record<string, unknown>) {
  const last = details.at(-1)
  if (!last || last.type !== d.type || last.index !== d.index || d.type === 'reasoning.encrypted') {
    details.push({ ...d })
    return
  }
  for (const [name, value] of Object.entries(d)) {
    const joined = (name === 'text' || name === 'summary') && typeof value === 'string' && typeof last[name] === 'string'
    if (joined) last[name] = (last[name] as string) + value
    else if (value !== null && value !== undefined) last[name] = value
  }
}

function addSource(a: Answer, cited: { url?: string; title?: string } | undefined) {
  if (!cited?.url || !/^https?:\/\//.test(cited.url) || a.sources.some((s) => s.url === cited.url)) return
  a.sources.push({ url: cited.url, title: cited.title ?? '' })
}

/** Tokens per second after the first, or undefined when that cannot be said. */
export function speedOf(a: Answer): number | undefined {
  if (!a.usage || a.first === undefined || a.whole === undefined || a.whole - a.first < 1) return undefined
  return (a.usage.completion_tokens / (a.whole - a.first)) * 1000
}

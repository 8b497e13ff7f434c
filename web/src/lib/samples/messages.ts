import type { Json } from './literal'
import type { Completion } from './index'

type Part = { type: string; text?: string; image_url?: { url: string }; file?: { filename?: string; file_data?: string } }
type Message = { role: string; content?: string | null | Part[]; tool_call_id?: string; tool_calls?: { id: string; function: { name: string; arguments: string } }[] }
type Block = { [name: string]: Json }

const usualLength = 4096 // tokens of an answer; this API wants a limit

/** A chat completion as a request of Anthropic's Messages API, and what of it only this gateway knows. */
export function toMessages(request: Completion): { body: { [name: string]: Json }; own: { [name: string]: Json } } {
  const messages = request.messages as unknown as Message[]
  const system = messages.filter((m) => m.role === 'system' || m.role === 'developer').map((m) => textOf(m.content))
  const body: { [name: string]: Json } = { model: request.model ?? '', max_tokens: request.max_completion_tokens ?? request.max_tokens ?? usualLength }
  if (system.length) body.system = system.join('\n\n')
  body.messages = turns(messages)
  if (request.temperature !== undefined) body.temperature = request.temperature
  if (request.top_p !== undefined) body.top_p = request.top_p
  const tools = (request.tools ?? []) as { function?: { name: string; description?: string; parameters?: Json } }[]
  if (tools.length) {
    body.tools = tools.flatMap(({ function: f }) => (f ? [{ name: f.name, ...(f.description ? { description: f.description } : {}), input_schema: f.parameters ?? { type: 'object' } }] : []))
  }
  const effort = request.reasoning?.effort
  if (effort === 'none') body.thinking = { type: 'disabled' }
  else if (effort) body.output_config = { effort: effort === 'minimal' ? 'low' : effort }
  return { body, own: request.provider ? { provider: request.provider as Json } : {} }
}

/** Results of tools go into a turn of the user, and neighbours of one role into one turn. */
function turns(messages: readonly Message[]): Json[] {
  const made: { role: string; content: Block[] }[] = []
  for (const m of messages) {
    if (m.role === 'system' || m.role === 'developer') continue
    const role = m.role === 'assistant' ? 'assistant' : 'user'
    const blocks = blocksOf(m)
    const last = made.at(-1)
    if (last?.role === role) last.content.push(...blocks)
    else made.push({ role, content: blocks })
  }
  return made.map((t) => (t.content.length === 1 && t.content[0]?.type === 'text' ? { role: t.role, content: t.content[0].text ?? '' } : t))
}

function blocksOf(m: Message): Block[] {
  if (m.role === 'tool') return [{ type: 'tool_result', tool_use_id: m.tool_call_id ?? '', content: textOf(m.content) }]
  const parts: Part[] = typeof m.content === 'string' ? (m.content ? [{ type: 'text', text: m.content }] : []) : (m.content ?? [])
  const calls = (m.tool_calls ?? []).map((c): Block => ({ type: 'tool_use', id: c.id, name: c.function.name, input: parsed(c.function.arguments) }))
  return [...parts.map(blockOf), ...calls]
}

function blockOf(p: Part): Block {
  const url = p.image_url?.url ?? p.file?.file_data
  if (url === undefined) return { type: 'text', text: p.text ?? '' }
  const type = p.image_url ? 'image' : 'document'
  const [, media, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  return media === undefined || data === undefined ? { type, source: { type: 'url', url } } : { type, source: { type: 'base64', media_type: media, data } }
}

function textOf(content: Message['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map((p) => p.text ?? '').join('\n')
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text || '{}') as Json
  } catch {
    return {}
  }
}

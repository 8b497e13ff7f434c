// A conversation as this browser keeps it. It has columns, one per model; each column has a tree of messages of which it
// shows one branch, so what is edited, asked again or branched loses nothing.
import type { Usage } from './answer'

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** How a column's model is asked. What is absent is the model's or the gateway's default. */
export type Parameters = {
  temperature?: number
  top_p?: number
  /** The longest answer, in tokens. */
  max_tokens?: number
  effort?: Effort
  /** Slugs of the only providers that may answer. */
  only?: string[]
  sort?: 'price' | 'throughput' | 'latency'
  /** Only endpoints that keep nothing. */
  zdr?: boolean
}

export type Column = {
  id: string
  model: string
  parameters: Parameters
  /** Instead of the conversation's system prompt. */
  system?: string
  /** The last message of the branch that is shown; null before the first. */
  leaf: string | null
}

/** While a vote is open, answers have no names and the columns stand in this order. */
export type Blind = { order: string[]; revealed: boolean }

export type Conversation = {
  id: string
  title: string
  /** Its title was chosen, not taken from the first prompt. */
  named: boolean
  pinned: boolean
  system: string
  /** Definitions of tools, as JSON; "" for none. */
  tools: string
  columns: Column[]
  blind: Blind | null
  /** Milliseconds since 1970. */
  created: number
  updated: number
}

type Node = { id: string; conversation: string; column: string; parent: string | null; at: number }

export type Prompt = Node & {
  role: 'user'
  text: string
  files: string[]
  /** The same in all columns that it was sent to at once. */
  group: string
}

/** What a tool gave, for a call of the answer above it. */
export type Result = Node & { role: 'tool'; call: string; name: string; text: string }

export type ToolCall = { id: string; name: string; arguments: string }

export type Answer = Node & {
  role: 'assistant'
  model: string
  text: string
  reasoning: string
  /** Reasoning as the provider wants it back, signatures included. */
  details: Record<string, unknown>[]
  calls: ToolCall[]
  /** Data URLs. */
  images: string[]
  /** Pages that the answer cites. */
  sources: { url: string; title: string }[]
  state: 'running' | 'done' | 'stopped' | 'failed'
  error?: string
  generation?: string
  provider?: string
  finish?: string
  nativeFinish?: string
  usage?: Usage
  /** Milliseconds from the request to the first token, to the end of reasoning, and to the end. */
  first?: number
  thought?: number
  whole?: number
}

export type Message = Prompt | Answer | Result

/** A picture or a document of a prompt. */
export type Attachment = { id: string; conversation: string; name: string; type: string; size: number; url: string }

/** Who won a comparison whose names were hidden; null is a draw. */
export type Vote = { id: string; at: number; models: string[]; winner: string | null }

export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('')
}

import { type Attachment, type Column, type Conversation, type Message, newId } from './types'

/** A conversation that has not begun. */
export function newConversation(models: readonly string[]): Conversation {
  const now = Date.now()
  return { id: newId(), title: '', named: false, pinned: false, system: '', tools: '', columns: models.map(newColumn), blind: null, created: now, updated: now }
}

export function newColumn(model: string): Column {
  return { id: newId(), model, parameters: {}, leaf: null }
}

/** An answer that came when the page was left has come to its end. */
export function ended(m: Message): Message {
  return m.role === 'assistant' && m.state === 'running' ? { ...m, state: 'stopped' } : m
}

/** What a conversation is called until somebody names it. */
export function titleOf(text: string, files: readonly Attachment[]): string {
  const line = (text.trim().split('\n', 1)[0] ?? '').replace(/^#+ +/, '') // a heading's mark is none of its words
  return (line || files[0]?.name || 'Conversation').slice(0, 80)
}

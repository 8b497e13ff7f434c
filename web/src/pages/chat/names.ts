import type { Model } from '@/lib/queries'
import type { Chat } from './state/chat'
import type { Column } from './state/types'

/** Whether the columns' names are hidden until there is a vote. */
export function isNameless(chat: Chat): boolean {
  return chat.conversation.blind !== null && !chat.conversation.blind.revealed
}

/** The columns in the order in which they stand. */
export function inOrder(chat: Chat): readonly Column[] {
  const { blind, columns } = chat.conversation
  if (!blind) return columns
  const place = (c: Column) => blind.order.indexOf(c.id)
  return [...columns].sort((a, b) => place(a) - place(b))
}

/** What a column is called: its model, numbered where two have the same; a letter while names are hidden. */
export function nameOf(chat: Chat, column: Column, models: readonly Model[]): string {
  if (isNameless(chat)) return `Answer ${String.fromCharCode(65 + inOrder(chat).findIndex((c) => c.id === column.id))}`
  const same = chat.conversation.columns.filter((c) => c.model === column.model)
  const name = models.find((m) => m.id === column.model)?.name ?? column.model
  return same.length > 1 ? `${name} ${same.findIndex((c) => c.id === column.id) + 1}` : name
}

/** An order that tells nothing. */
export function shuffled(columns: readonly Column[]): string[] {
  const ids = columns.map((c) => c.id)
  for (let i = ids.length - 1; i > 0; i--) {
    const j = crypto.getRandomValues(new Uint32Array(1))[0]! % (i + 1)
    ;[ids[i], ids[j]] = [ids[j]!, ids[i]!]
  }
  return ids
}

import { type QueryClient, queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { messageOf } from '@/lib/api'
import { type Session, sessionQuery, useSession } from '@/lib/session'
import { toast } from '@/ui/Toast'
import { newConversation } from './begin'
import { Chat } from './chat'
import { type Db, openDb, type Whole } from './db'
import type { Conversation, Message } from './types'

const mostOpen = 12 // conversations in memory, beside those that run

/** A person's conversations: those in the browser's database, and those that are open. */
export class Library {
  private readonly open = new Map<string, Chat>()
  private begun: { chat: Chat; asked: string } | undefined

  constructor(
    readonly db: Db | null,
    private readonly client: QueryClient,
    readonly listKey: readonly unknown[],
  ) {}

  /** The conversation with an id; undefined when this browser has none such. */
  async get(id: string): Promise<Chat | undefined> {
    if (this.begun?.chat.conversation.id === id) this.begun = undefined // it has its address now
    const there = this.open.get(id)
    if (there) return there
    const whole = await this.db?.load(id)
    return whole && (this.open.get(id) ?? this.add(whole.conversation, whole))
  }

  /** The conversation without an address yet. What a link asks for, `asked`, begins another. */
  draft(models: readonly string[], asked: readonly string[] = []): Chat {
    const key = asked.join()
    if (!this.begun || (key && key !== this.begun.asked)) this.begun = { chat: this.add(newConversation(models)), asked: key }
    return this.begun.chat
  }

  /** Forgets what is in the draft. */
  clearDraft() {
    this.begun = undefined
  }

  /** Sees what other tabs kept meanwhile: the list, and the conversations that are open. */
  async freshen() {
    const { db } = this
    if (!db) return
    const all = await db.conversations()
    this.list(() => all)
    for (const { id, updated } of all) {
      const chat = this.open.get(id)
      const newer = chat && updated > chat.conversation.updated && (await db.load(id))
      if (newer) chat.take(newer)
    }
  }

  /** Changes a conversation, open or not. */
  async change(c: Conversation, change: Partial<Conversation>) {
    const chat = await this.get(c.id)
    chat?.change(change)
  }

  /** Removes a conversation; gives what puts it back. */
  async remove(id: string): Promise<() => void> {
    this.open.get(id)?.stop()
    this.open.delete(id)
    const whole = await this.db?.forget(id)
    this.list((all) => all.filter((c) => c.id !== id))
    return () => whole && void this.put(whole)
  }

  /** Keeps a conversation that came from elsewhere. */
  async put(whole: Whole) {
    await this.db?.save(whole)
    this.list((all) => [...all.filter((c) => c.id !== whole.conversation.id), whole.conversation])
  }

  private add(conversation: Conversation, rest?: { messages: Message[]; files: Whole['files'] }): Chat {
    for (const [id, chat] of this.open) if (this.open.size > mostOpen && !chat.busy()) this.open.delete(id)
    const onSaved = (c: Conversation) => this.open.has(c.id) && this.list((all) => [...all.filter((o) => o.id !== c.id), c])
    const chat = new Chat(conversation, this.db, { onSaved, onError: (text) => toast(text, { bad: true }) }, rest)
    this.open.set(conversation.id, chat)
    return chat
  }

  private list(change: (all: Conversation[]) => Conversation[]) {
    this.client.setQueryData<Conversation[]>(this.listKey, (all) => all && change(all))
  }
}

/** The library of who is signed in. It is in the query cache, which is emptied when they leave. */
export function useLibrary(): Library {
  const session = useSession()
  return useSuspenseQuery(libraryQuery(useQueryClient(), session)).data
}

/** Opens the library of who is signed in. */
export async function prepare(client: QueryClient) {
  const session = await client.ensureQueryData(sessionQuery)
  if (session) await client.ensureQueryData(libraryQuery(client, session))
}

function libraryQuery(client: QueryClient, { organization, person }: Session) {
  return queryOptions({ queryKey: ['chat', organization.id, person.id], staleTime: Infinity, gcTime: Infinity, queryFn: () => openLibrary(client, organization.id, person.id) })
}

async function openLibrary(client: QueryClient, organization: string, person: string): Promise<Library> {
  const listKey = ['chat', organization, person, 'list']
  try {
    return new Library(await openDb(organization, person), client, listKey)
  } catch (e) {
    toast(`Conversations are not kept: ${messageOf(e)}`, { bad: true })
    return new Library(null, client, listKey)
  }
}

/** All kept conversations. */
export function historyQuery(library: Library) {
  return queryOptions({ queryKey: library.listKey, staleTime: Infinity, queryFn: async () => (await library.db?.conversations()) ?? [] })
}

/** Renders when anything of a conversation changes but the text of an answer that comes. */
export function useChat(chat: Chat): number {
  return useSyncExternalStore(chat.subscribe, () => chat.revision)
}

/** A message, as it is now. */
export function useMessage(chat: Chat, id: string): Message | undefined {
  return useSyncExternalStore(
    (listener) => chat.subscribeTo(id, listener),
    () => chat.tree.get(id),
  )
}

// What is kept in the browser, in IndexedDB: nothing of it is sent anywhere. Every person and organisation has a
// database of their own, so two who share a browser do not see each other's conversations.
import type { Attachment, Conversation, Message, Vote } from './types'

type Stores = { conversations: Conversation; messages: Message; files: Attachment; votes: Vote }
type Name = keyof Stores

/** All of one conversation. */
export type Whole = { conversation: Conversation; messages: Message[]; files: Attachment[] }

const names: readonly Name[] = ['conversations', 'messages', 'files', 'votes']

export class Db {
  constructor(private readonly at: IDBDatabase) {}

  async conversations(): Promise<Conversation[]> {
    return done(this.store('conversations').getAll())
  }

  async load(id: string): Promise<Whole | undefined> {
    const tx = this.at.transaction(['conversations', 'messages', 'files'])
    const [conversation, messages, files] = await Promise.all([
      done<Conversation | undefined>(tx.objectStore('conversations').get(id)),
      done<Message[]>(tx.objectStore('messages').index('conversation').getAll(id)),
      done<Attachment[]>(tx.objectStore('files').index('conversation').getAll(id)),
    ])
    return conversation && { conversation, messages, files }
  }

  /** Keeps what is given, and leaves the rest of the conversation as it is. */
  async save({ conversation, messages = [], files = [] }: { conversation?: Conversation; messages?: Message[]; files?: Attachment[] }) {
    const tx = this.at.transaction(['conversations', 'messages', 'files'], 'readwrite')
    if (conversation) tx.objectStore('conversations').put(conversation)
    for (const m of messages) tx.objectStore('messages').put(m)
    for (const f of files) tx.objectStore('files').put(f)
    await ended(tx)
  }

  async forgetMessages(ids: readonly string[]) {
    const tx = this.at.transaction('messages', 'readwrite')
    for (const id of ids) tx.objectStore('messages').delete(id)
    await ended(tx)
  }

  /** Removes a conversation and gives it back, for who wants it back. */
  async forget(id: string): Promise<Whole | undefined> {
    const whole = await this.load(id)
    if (!whole) return undefined
    const tx = this.at.transaction(['conversations', 'messages', 'files'], 'readwrite')
    tx.objectStore('conversations').delete(id)
    for (const m of whole.messages) tx.objectStore('messages').delete(m.id)
    for (const f of whole.files) tx.objectStore('files').delete(f.id)
    await ended(tx)
    return whole
  }

  /** The conversations in which a prompt or an answer has all words; they are in lower case. */
  async search(words: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>()
    const request = this.store('messages').openCursor()
    await new Promise<void>((resolve, reject) => {
      request.onerror = () => reject(failure(request.error))
      request.onsuccess = () => {
        const cursor = request.result
        if (!cursor) return resolve()
        const m = cursor.value as Message
        const text = m.text.toLowerCase()
        if (words.every((w) => text.includes(w))) found.add(m.conversation)
        cursor.continue()
      }
    })
    return found
  }

  async votes(): Promise<Vote[]> {
    return done(this.store('votes').getAll())
  }

  async vote(v: Vote) {
    await done(this.store('votes', 'readwrite').put(v))
  }

  async forgetVotes() {
    await done(this.store('votes', 'readwrite').clear())
  }

  close() {
    this.at.close()
  }

  private store(name: Name, mode: IDBTransactionMode = 'readonly'): IDBObjectStore {
    return this.at.transaction(name, mode).objectStore(name)
  }
}

/** Opens the database of a person in an organisation, and makes it when it is not there. */
export async function openDb(organization: string, person: string): Promise<Db> {
  const request = indexedDB.open(`dragoman.chat.${organization}.${person}`, 1)
  request.onupgradeneeded = () => {
    for (const name of names) {
      const store = request.result.createObjectStore(name, { keyPath: 'id' })
      if (name === 'messages' || name === 'files') store.createIndex('conversation', 'conversation')
    }
  }
  return new Db(await done(request))
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failure(request.error))
  })
}

/** Ends a transaction that has all it is for; from then on it is kept even if the page is left at once. */
function ended(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(failure(tx.error))
    tx.commit()
  })
}

function failure(e: DOMException | null): Error {
  if (e?.name === 'QuotaExceededError') return new Error('The browser has no room for more history; delete or export conversations')
  return new Error(`The browser could not keep the conversation: ${e?.message ?? 'unknown error'}`)
}

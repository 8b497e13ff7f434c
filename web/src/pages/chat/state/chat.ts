import { messageOf } from '@/lib/api'
import { ended, newColumn, titleOf } from './begin'
import type { Db, Whole } from './db'
import { receive } from './receive'
import { requestOf } from './request'
import { Tree } from './tree'
import { type Answer, type Attachment, type Blind, type Column, type Conversation, type Message, newId, type Prompt, type Result } from './types'

export const mostColumns = 6

type Listener = () => void

/**
 * One conversation: its state, and its requests that run. Components read it by `useChat` and `useMessage`. What
 * changes is kept in the browser; `hears` is told of that, and when it fails.
 */
export class Chat {
  readonly files = new Map<string, Attachment>()
  tree: Tree
  /** Counts changes of anything but the text of an answer that comes. */
  revision = 0
  private readonly running = new Map<string, AbortController>()
  private readonly listeners = new Set<Listener>()
  private readonly messageListeners = new Map<string, Set<Listener>>()
  private kept: boolean

  constructor(
    public conversation: Conversation,
    private readonly db: Db | null,
    private readonly hears: { onSaved: (c: Conversation) => void; onError: (message: string) => void },
    rest?: Pick<Whole, 'messages' | 'files'>,
  ) {
    this.kept = rest !== undefined
    this.tree = new Tree(rest?.messages.map(ended))
    for (const f of rest?.files ?? []) this.files.set(f.id, f)
  }

  get empty(): boolean {
    return this.conversation.columns.every((c) => c.leaf === null)
  }

  /** Whether an answer comes, in a column or in any. */
  busy(column?: string): boolean {
    return [...this.running.keys()].some((id) => column === undefined || this.tree.get(id)?.column === column)
  }

  column(id: string): Column | undefined {
    return this.conversation.columns.find((c) => c.id === id)
  }

  // What is heard

  subscribe = (listener: Listener) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  subscribeTo(id: string, listener: Listener) {
    const set = this.messageListeners.get(id) ?? new Set()
    this.messageListeners.set(id, set.add(listener))
    return () => {
      set.delete(listener)
      if (set.size === 0) this.messageListeners.delete(id)
    }
  }

  private changed() {
    this.revision++
    for (const l of [...this.listeners]) l()
  }

  private show(m: Message) {
    this.tree.put(m)
    for (const l of [...(this.messageListeners.get(m.id) ?? [])]) l()
  }

  // What is asked

  /** Sends a prompt to columns; those that still answer are left out. */
  send(text: string, files: readonly Attachment[], columns: readonly string[]) {
    const group = newId()
    for (const f of files) this.files.set(f.id, { ...f, conversation: this.conversation.id })
    if (!this.conversation.named && this.empty) this.change({ title: titleOf(text, files) })
    const made = columns.flatMap((id) => {
      const column = this.column(id)
      return column && !this.busy(id) ? [this.prompt(column, column.leaf, text, files.map((f) => f.id), group)] : []
    })
    this.keep({ messages: made, files: files.flatMap((f) => this.files.get(f.id) ?? []) })
    for (const m of made) this.ask(m.column, m.id)
  }

  /** The prompt again with another text: a branch beside it. With `all`, in every column that was asked the same. */
  edit(prompt: Prompt, text: string, all: boolean) {
    const group = newId()
    const same = this.tree.all().filter((m): m is Prompt => m.role === 'user' && m.group === prompt.group && (all || m.id === prompt.id))
    const made = same.flatMap((m) => {
      const column = this.column(m.column)
      return column && !this.busy(m.column) ? [this.prompt(column, m.parent, text, m.files, group)] : []
    })
    this.keep({ messages: made })
    for (const m of made) this.ask(m.column, m.id)
  }

  /** Another answer to the same: a branch beside it. */
  retry(answer: Answer) {
    if (answer.parent !== null && !this.busy(answer.column)) this.ask(answer.column, answer.parent)
  }

  /** Gives the results of an answer's calls, by call, and goes on. */
  answerCalls(answer: Answer, results: ReadonlyMap<string, string>) {
    let parent = answer.id
    const made = answer.calls.map((call): Result => {
      const m: Result = { ...this.node(answer.column, parent), role: 'tool', call: call.id, name: call.name, text: results.get(call.id) ?? '' }
      parent = m.id
      return m
    })
    for (const m of made) this.tree.put(m)
    this.keep({ messages: made })
    this.ask(answer.column, parent)
  }

  /** Ends answers that come; their columns can be asked again at once. */
  stop(column?: string) {
    for (const [id, control] of this.running) {
      if (column !== undefined && this.tree.get(id)?.column !== column) continue
      control.abort()
      this.running.delete(id)
    }
    this.changed()
  }

  // What is shown

  /** Shows another branch: the latest that a message is in. */
  choose(id: string) {
    const m = this.tree.get(id)
    if (m) this.changeColumn(m.column, { leaf: this.tree.latestBelow(id) })
  }

  /** Goes on from a message; what follows it stays, beside what will come. */
  branch(m: Message) {
    this.changeColumn(m.column, { leaf: m.id })
  }

  /** Removes a message with all that follows; gives what puts it back. */
  remove(m: Message): () => void {
    const ids = this.tree.withAllBelow(m.id)
    for (const id of ids) this.running.get(id)?.abort()
    const removed = ids.flatMap((id) => this.tree.get(id) ?? [])
    const { leaf } = this.column(m.column) ?? { leaf: null }
    const siblings = this.tree.siblingsOf(m)
    const at = siblings.indexOf(m.id)
    this.tree.remove(ids)
    const beside = siblings[at + 1] ?? siblings[at - 1]
    if (leaf !== null && ids.includes(leaf)) this.changeColumn(m.column, { leaf: beside ? this.tree.latestBelow(beside) : m.parent })
    else this.changed()
    void this.db?.forgetMessages(ids).catch((e: unknown) => this.hears.onError(messageOf(e)))
    return () => {
      for (const r of removed) this.tree.put(r)
      this.changeColumn(m.column, { leaf }, removed)
    }
  }

  // What it is made of

  /** Changes the conversation; new messages that it then points to are kept with it. */
  change(change: Partial<Conversation>, messages: Message[] = []) {
    this.conversation = { ...this.conversation, ...change }
    this.keep({ messages })
    this.changed()
  }

  changeColumn(id: string, change: Partial<Column>, messages: Message[] = []) {
    this.change({ columns: this.conversation.columns.map((c) => (c.id === id ? { ...c, ...change } : c)) }, messages)
  }

  addColumn(model: string) {
    if (this.conversation.columns.length < mostColumns) this.change({ columns: [...this.conversation.columns, newColumn(model)] })
  }

  /** A new column with a branch of an old one, up to a message. */
  copyColumn(column: Column, leaf: string | null) {
    if (this.conversation.columns.length >= mostColumns) return
    const copy = { ...newColumn(column.model), parameters: column.parameters, system: column.system }
    let parent: string | null = null
    const made = this.tree.pathTo(leaf).map((m) => {
      const own: Message = { ...m, id: newId(), column: copy.id, parent }
      parent = own.id
      this.tree.put(own)
      return own
    })
    const { columns } = this.conversation
    const at = columns.findIndex((c) => c.id === column.id) + 1
    this.change({ columns: [...columns.slice(0, at), { ...copy, leaf: parent }, ...columns.slice(at)] }, made)
  }

  /** Takes a column away; its messages stay kept, for who puts it back. */
  removeColumn(id: string): () => void {
    this.stop(id)
    const { columns } = this.conversation
    this.change({ columns: columns.filter((c) => c.id !== id) })
    return () => this.change({ columns })
  }

  /** Becomes what another tab made of it, if that is newer and nothing comes here. */
  take({ conversation, messages, files }: Whole) {
    if (this.busy() || conversation.updated <= this.conversation.updated) return
    this.conversation = conversation
    this.tree = new Tree(messages.map(ended))
    for (const f of files) this.files.set(f.id, f)
    this.changed()
  }

  setBlind(blind: Blind | null) {
    this.change({ blind })
  }

  // What is inside

  private node(column: string, parent: string | null) {
    return { id: newId(), conversation: this.conversation.id, column, parent, at: Date.now() }
  }

  private prompt(column: Column, parent: string | null, text: string, files: string[], group: string): Prompt {
    const m: Prompt = { ...this.node(column.id, parent), role: 'user', text, files, group }
    this.tree.put(m)
    return m
  }

  private ask(columnId: string, parent: string) {
    const column = this.column(columnId)
    if (!column) return
    const answer: Answer = {
      ...this.node(columnId, parent),
      ...{ role: 'assistant', model: column.model, text: '', reasoning: '', details: [], calls: [], images: [], sources: [], state: 'running' },
    }
    this.tree.put(answer)
    const control = new AbortController()
    this.running.set(answer.id, control)
    this.changeColumn(columnId, { leaf: answer.id }, [answer]) // together: a branch never ends with what is not kept
    void this.run(answer, column, control.signal)
  }

  private async run(a: Answer, column: Column, signal: AbortSignal) {
    await receive(a, requestOf(this, column, a.parent), signal, {
      show: () => this.show({ ...a }),
      keep: () => this.keep({ messages: [{ ...a }] }),
    })
    this.running.delete(a.id)
    if (!this.tree.get(a.id)) return // it was removed while it came
    this.show({ ...a })
    this.keep({ messages: [{ ...a }] })
    this.changed()
  }

  /** Keeps the conversation with these messages, once it has any. */
  private keep(what: { messages?: Message[]; files?: Attachment[] }) {
    if (!this.db || (this.empty && !this.kept && !what.messages?.length)) return
    if (what.messages?.length) this.conversation = { ...this.conversation, updated: Date.now() }
    this.kept = true
    const { conversation } = this
    void this.db
      .save({ conversation, ...what })
      .then(() => this.hears.onSaved(conversation))
      .catch((e: unknown) => this.hears.onError(messageOf(e)))
  }
}

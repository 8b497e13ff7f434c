import type { Message } from './types'

/** The messages of a conversation: below each, what follows it. Columns have trees of their own. */
export class Tree {
  private readonly messages = new Map<string, Message>()
  private readonly below = new Map<string, string[]>() // ids by parent, the oldest first

  constructor(messages: readonly Message[] = []) {
    for (const m of [...messages].sort((a, b) => a.at - b.at)) this.put(m)
  }

  get(id: string): Message | undefined {
    return this.messages.get(id)
  }

  all(): Message[] {
    return [...this.messages.values()]
  }

  /** Adds a message, or takes another state of one that is there. */
  put(m: Message) {
    if (!this.messages.has(m.id)) {
      const key = keyOf(m)
      this.below.set(key, [...(this.below.get(key) ?? []), m.id])
    }
    this.messages.set(m.id, m)
  }

  remove(ids: readonly string[]) {
    for (const id of ids) {
      const m = this.messages.get(id)
      if (!m) continue
      this.messages.delete(id)
      const key = keyOf(m)
      this.below.set(key, (this.below.get(key) ?? []).filter((other) => other !== id))
    }
  }

  childrenOf(id: string): string[] {
    return this.below.get(id) ?? []
  }

  /** A message and what it can be exchanged for, the oldest first. */
  siblingsOf(m: Message): string[] {
    return this.below.get(keyOf(m)) ?? []
  }

  /** The branch that ends with a message, from its beginning. */
  pathTo(leaf: string | null): Message[] {
    const path: Message[] = []
    let m = leaf === null ? undefined : this.messages.get(leaf)
    while (m && path.length <= this.messages.size) {
      path.push(m)
      m = m.parent === null ? undefined : this.messages.get(m.parent)
    }
    return path.reverse()
  }

  /** The end of the latest branch below a message; itself when nothing follows it. */
  latestBelow(id: string): string {
    let end = id
    for (let last = this.childrenOf(end).at(-1); last; last = this.childrenOf(end).at(-1)) end = last
    return end
  }

  /** A message and all that follows from it. */
  withAllBelow(id: string): string[] {
    const found = [id]
    for (const at of found) found.push(...this.childrenOf(at))
    return found
  }
}

function keyOf(m: Message): string {
  return m.parent ?? `first of ${m.column}`
}

// Conversations as files: to keep, to move to another browser, to give to somebody.
import { normal } from './state/normal'
import type { Whole } from './state/db'

const format = 'dragoman.conversations'
const version = 1
const largest = 200 << 20 // bytes of a file to read

/** Gives conversations as a file, by the device's own way of sharing where there is one and it is wanted. */
export async function give(wholes: readonly Whole[], name: string, share: boolean) {
  const text = JSON.stringify({ format, version, conversations: wholes })
  const file = new File([text], `${name.replace(/[^\p{L}\p{N} _-]+/gu, '').trim().slice(0, 60) || 'conversation'}.dragoman.json`, { type: 'application/json' })
  if (share && navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file] }).catch((e: unknown) => {
      if (!(e instanceof DOMException && e.name === 'AbortError')) throw e // they thought better of it
    })
    return
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** The conversations of a file, with ids of their own; an Error when it is no such file. */
export async function take(file: File): Promise<Whole[]> {
  if (file.size > largest) throw new Error(`${file.name} is larger than ${largest >> 20} MB`)
  let value: unknown
  try {
    value = JSON.parse(await file.text())
  } catch {
    throw new Error(`${file.name} is not JSON`)
  }
  const { format: named, version: of, conversations } = (value ?? {}) as { format?: unknown; version?: unknown; conversations?: unknown }
  if (named !== format || !Array.isArray(conversations)) throw new Error(`${file.name} was not exported here`)
  if (of !== version) throw new Error(`${file.name} comes from another version, which this one cannot read`)
  return conversations.map(normal)
}

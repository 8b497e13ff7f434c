// Values as literals of programming languages. Whatever a text holds, it stays a text in the program, and a reader sees
// all of it: what is invisible or turns the direction of writing is escaped.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

/** A language's way of writing values. */
export type Notation = {
  words: { true: string; false: string; null: string }
  object: readonly [open: string, close: string]
  array: readonly [open: string, close: string]
  key: (name: string) => string
  /** Stands between the braces of an object on one line and what is in them. */
  pad: string
  indent: string
  /** A comma stands after the last item of what is written in lines. */
  trailing: boolean
}

const plain = { true: 'true', false: 'false', null: 'null' }

export const json: Notation = { words: plain, object: ['{', '}'], array: ['[', ']'], key: (n) => `${quote(n)}: `, pad: '', indent: '  ', trailing: false }
export const python: Notation = { ...json, words: { true: 'True', false: 'False', null: 'None' }, indent: '    ', trailing: true }
export const typescript: Notation = { ...json, key: (n) => (/^[A-Za-z_$][\w$]*$/.test(n) ? n : quote(n)) + ': ', pad: ' ', trailing: true }

const line = 72 // characters of a value that stays on one line

/** A value in a notation; lines after the first are indented by `depth`. */
export function literal(value: Json, n: Notation, depth = 0): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? n.words.true : n.words.false
  if (value === null) return n.words.null
  const items = Array.isArray(value)
    ? (value as readonly Json[]).map((v) => literal(v, n, depth + 1))
    : Object.entries(value).flatMap(([name, v]) => (v === undefined ? [] : [n.key(name) + literal(v as Json, n, depth + 1)]))
  const [open, close] = Array.isArray(value) ? n.array : n.object
  const pad = Array.isArray(value) ? '' : n.pad
  const short = open + pad + items.join(', ') + pad + close
  if (items.length === 0) return open + close
  if (short.length <= line && !short.includes('\n')) return short
  const inner = n.indent.repeat(depth + 1)
  return `${open}\n${items.map((i) => inner + i).join(',\n')}${n.trailing ? ',' : ''}\n${n.indent.repeat(depth)}${close}`
}

const unseen = /[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** A text in double quotes, as JSON, Python, JavaScript and Go all read it. Halves of surrogate pairs, which some of them refuse, are replaced. */
export function quote(text: string): string {
  return JSON.stringify(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(unseen, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

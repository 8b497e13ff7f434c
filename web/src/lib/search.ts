// Search parameters: pages keep their state in the URL, so that every state can be linked. Routes read theirs with the
// functions below; what is absent or senseless is undefined, so a page works with any URL.

/** A URL's query as plain texts: no JSON, so that people can read and write it. */
export function parseSearch(query: string): Record<string, unknown> {
  return Object.fromEntries(new URLSearchParams(query))
}

/** The reverse. What is undefined, empty or false is left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(',') : value === undefined || value === null || value === false ? '' : String(value)
    if (text) out.set(name, text)
  }
  const query = out.toString().replaceAll('%2C', ',').replaceAll('%2F', '/')
  return query && '?' + query
}

/** A URL's query, as it came. */
export type Query = Record<string, unknown>

/**
 * What a route's `validateSearch` is: `read` takes from a query what the page knows. No link must have any of it.
 * It stands before its route: within it, TypeScript loses the type.
 */
export function searchOf<T extends object>(read: (query: Query) => T): (query: Query) => Partial<NoInfer<T>> {
  return read
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}

/** A text that a date can be made of. */
export function moment(value: unknown): string | undefined {
  const t = text(value)
  return t && !Number.isNaN(Date.parse(t)) ? t : undefined
}

/** A day as inputs of dates have it, 2026-11-30. */
export function day(value: unknown): string | undefined {
  const t = moment(value)
  return t && /^\d{4}-\d\d-\d\d$/.test(t) ? t : undefined
}

export function oneOf<const T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  return choices.find((c) => c === value)
}

/** Texts with commas between. */
export function list(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : []
  const kept = items.filter(Boolean)
  return kept.length ? kept : undefined
}

export function flag(value: unknown): true | undefined {
  return value === true || value === 'true' ? true : undefined
}

export function whole(value: unknown): number | undefined {
  const n = typeof value === 'number' ? value : typeof value === 'string' && value ? Number(value) : NaN
  return Number.isSafeInteger(n) ? n : undefined
}

/** A number that is not negative. */
export function amount(value: unknown): number | undefined {
  const n = typeof value === 'number' ? value : typeof value === 'string' && value ? Number(value) : NaN
  return Number.isFinite(n) && n >= 0 ? n : undefined
}

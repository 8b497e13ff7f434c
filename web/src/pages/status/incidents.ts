import { partOf, type Row } from '@/lib/analytics'

const hour = 3600
const share = 0.05 // of an hour's requests that failed
const least = 5 // that failed

/** Hours after each other in which much failed. */
export type Incident = { start: number; end: number; requests: number; errors: number; worst: number }

export type Hour = { at: number; requests: number; errors: number; fallbacks: number }

export function hoursOf(rows: readonly Row[]): Map<number, Hour> {
  return new Map(rows.map((r) => [partOf(r, 'hour'), { at: partOf(r, 'hour'), requests: Number(r.request_count), errors: Number(r.error_count), fallbacks: Number(r.fallback_count) }]))
}

/** Whether so much failed that it is an incident. */
export function isBad(h: Hour): boolean {
  return h.errors >= least && h.errors >= share * h.requests
}

/** Incidents, the latest first. */
export function incidentsOf(hours: ReadonlyMap<number, Hour>): Incident[] {
  const incidents: Incident[] = []
  for (const h of [...hours.values()].filter(isBad).sort((a, b) => a.at - b.at)) {
    const last = incidents.at(-1)
    const worst = h.errors / h.requests
    if (last?.end === h.at) Object.assign(last, { end: h.at + hour, requests: last.requests + h.requests, errors: last.errors + h.errors, worst: Math.max(last.worst, worst) })
    else incidents.push({ start: h.at, end: h.at + hour, requests: h.requests, errors: h.errors, worst })
  }
  return incidents.reverse()
}

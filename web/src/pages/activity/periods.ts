import type { Grain, Range } from '@/lib/analytics'

export const periods = {
  '24h': { label: '24 h', before: 'the 24 hours before' },
  '7d': { label: '7 d', before: 'the 7 days before' },
  '30d': { label: '30 d', before: 'the 30 days before' },
  custom: { label: 'Custom', before: 'the time before' },
} as const

export type Period = keyof typeof periods

const hour = 3600
const day = 86_400
const mostHours = 15 * day // the range before is asked for with it, and hours are had for 31 days

/** The range of a period that ends with the running hour or day, or of two days of the URL, both included. */
export function rangeOf(period: Period, grain: Grain | undefined, now: number, from?: string, to?: string): Range {
  const seconds = now / 1000
  if (period === '24h') {
    const end = Math.ceil((seconds + 1) / hour) * hour
    return { start: end - day, end, grain: 'hour' }
  }
  const midnight = Math.ceil((seconds + 1) / day) * day
  if (period !== 'custom') return range(midnight - (period === '7d' ? 7 : 30) * day, midnight, grain)
  const end = to ? Math.floor(Date.parse(to) / 1000 / day) * day + day : midnight
  const start = from ? Math.floor(Date.parse(from) / 1000 / day) * day : end - 7 * day
  return range(Math.min(start, end - day), end, grain)
}

function range(start: number, end: number, wanted: Grain | undefined): Range {
  const grains = grainsOf(start, end)
  const grain = wanted && grains.includes(wanted) ? wanted : end - start <= 2 * day ? 'hour' : end - start > 120 * day ? 'week' : 'day'
  if (grain !== 'week') return { start, end, grain }
  const monday = Math.floor((start / day + 3) / 7) * 7 - 3 // 1970 began on a Thursday
  return { start: monday * day, end, grain }
}

/** The parts that a range can be shown in. */
export function grainsOf(start: number, end: number): Grain[] {
  return [...(end - start <= mostHours ? (['hour'] as const) : []), ...(end - start >= 2 * day ? (['day'] as const) : []), ...(end - start >= 14 * day ? (['week'] as const) : [])]
}

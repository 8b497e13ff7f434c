// What requests used, cost and took, summed up by the gateway: docs/analytics.md. Times are UTC.
import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from './api'
import { count, duration, money, percent, speed, tokens } from './format'

export type AnalyticsQuery = Schemas['AnalyticsQuery']
export type Row = Record<string, string | number | null>
export type Grain = 'hour' | 'day' | 'week'

/** A question, asked anew each minute while somebody looks. */
export const analyticsQuery = (body: AnalyticsQuery) =>
  queryOptions({
    queryKey: ['analytics', body],
    staleTime: 30_000,
    refetchInterval: 60_000,
    queryFn: async () => (await ask(api.POST('/analytics/query', { body }))).data,
  })

/** Several questions as one. */
export const analyticsQueries = (queries: AnalyticsQuery[]) =>
  queryOptions({
    queryKey: ['analytics', queries],
    staleTime: 30_000,
    refetchInterval: 60_000,
    queryFn: async () => (await ask(api.POST('/analytics/queries', { body: { queries } }))).data,
  })

/** What can be looked at. A ratio is of two sums; sums can be stacked, the others cannot. */
export type Metric = {
  id: string
  name: string
  /** The metrics to ask for. */
  ask: readonly string[]
  value: (row: Row) => number | null
  format: (n: number) => string
  kind: 'sum' | 'ratio' | 'figure'
  /** More of it is worse. */
  bad?: true
}

const number = (row: Row, name: string): number => Number(row[name] ?? 0)
const figure = (name: string) => (row: Row) => (row[name] == null ? null : Number(row[name]))
const ratio = (part: string, whole: string) => (row: Row) => (number(row, whole) > 0 ? (100 * number(row, part)) / number(row, whole) : null)

export const metrics = [
  { id: 'spend', name: 'Spend', ask: ['total_usage'], value: (r) => number(r, 'total_usage'), format: money, kind: 'sum' },
  { id: 'requests', name: 'Requests', ask: ['request_count'], value: (r) => number(r, 'request_count'), format: count, kind: 'sum' },
  { id: 'tokens', name: 'Tokens', ask: ['tokens_total'], value: (r) => number(r, 'tokens_total'), format: tokens, kind: 'sum' },
  { id: 'input', name: 'Input tokens', ask: ['tokens_prompt'], value: (r) => number(r, 'tokens_prompt'), format: tokens, kind: 'sum' },
  { id: 'output', name: 'Output tokens', ask: ['tokens_completion'], value: (r) => number(r, 'tokens_completion'), format: tokens, kind: 'sum' },
  { id: 'cached', name: 'Cache share', ask: ['cached_tokens', 'tokens_prompt'], value: ratio('cached_tokens', 'tokens_prompt'), format: percent, kind: 'ratio' },
  { id: 'errors', name: 'Errors', ask: ['error_count'], value: (r) => number(r, 'error_count'), format: count, kind: 'sum', bad: true },
  { id: 'failing', name: 'Error share', ask: ['error_count', 'request_count'], value: ratio('error_count', 'request_count'), format: percent, kind: 'ratio', bad: true },
  { id: 'fallbacks', name: 'Fallbacks', ask: ['fallback_count'], value: (r) => number(r, 'fallback_count'), format: count, kind: 'sum', bad: true },
  { id: 'latency', name: 'Latency, median', ask: ['p50_latency'], value: figure('p50_latency'), format: duration, kind: 'figure', bad: true },
  { id: 'latency90', name: 'Latency, 90th percentile', ask: ['p90_latency'], value: figure('p90_latency'), format: duration, kind: 'figure', bad: true },
  { id: 'speed', name: 'Speed', ask: ['avg_throughput'], value: figure('avg_throughput'), format: speed, kind: 'figure' },
] as const satisfies readonly Metric[]

export type MetricId = (typeof metrics)[number]['id']

export function metricOf(id: MetricId): Metric {
  return metrics.find((m) => m.id === id) ?? metrics[0]
}

const seconds: Record<Grain, number> = { hour: 3600, day: 86_400, week: 604_800 }

/** A range of whole parts, in unix seconds; the end is not in it. */
export type Range = { start: number; end: number; grain: Grain }

/** The beginnings of the range's parts, those in which nothing happened too. */
export function partsOf({ start, end, grain }: Range): number[] {
  const size = seconds[grain]
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / size)) }, (_, i) => start + i * size)
}

/** The range before, of the same length. */
export function rangeBefore({ start, end, grain }: Range): Range {
  return { start: start - (end - start), end: start, grain }
}

/** When the part of a row of a series begins, in unix seconds. */
export function partOf(row: Row, grain: Grain): number {
  return Date.parse(String(row[`date__${grain}`])) / 1000
}

export function timeRange({ start, end }: { start: number; end: number }): { start: string; end: string } {
  return { start: new Date(start * 1000).toISOString(), end: new Date(end * 1000).toISOString() }
}

/** The sums of several rows, of the metrics that are sums. */
export function summed(rows: readonly Row[], names: readonly string[]): Row {
  return Object.fromEntries(names.map((n) => [n, rows.reduce((sum, r) => sum + number(r, n), 0)]))
}

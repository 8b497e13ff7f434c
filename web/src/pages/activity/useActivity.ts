import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type AnalyticsQuery, analyticsQuery, type Metric, partOf, partsOf, type Range, rangeBefore, type Row, summed, timeRange } from '@/lib/analytics'
import type { Series } from '@/ui/Chart'
import { type Dimension, dimensions, labelOf, valueOf } from './dimensions'

type Filters = NonNullable<AnalyticsQuery['filters']>

export type Activity = {
  metric: Metric
  by: Dimension
  range: Range
  filters: Filters
  /** Draw the range before, too. */
  compare: boolean
  /** What that is called. */
  before: string
  ready: boolean
}

const sums = ['total_usage', 'request_count', 'tokens_total', 'tokens_prompt', 'cached_tokens', 'error_count', 'fallback_count']
const inList = [...sums, 'p50_latency', 'avg_throughput']
const mostListed = 200
const mostDrawn = 6 // groups of their own

/** What the page shows: a list by the dimension, totals of the range and the one before, and the largest groups over time. */
export function useActivity(a: Activity) {
  const { metric, by, range, filters } = a
  const field = dimensions[by].field
  const list = useQuery({
    ...analyticsQuery({
      metrics: unique([...inList, ...metric.ask]),
      dimensions: [field],
      filters,
      time_range: timeRange(range),
      order_by: { field: metric.kind === 'sum' ? (metric.ask[0] ?? 'request_count') : 'request_count', direction: 'desc' },
      limit: mostListed,
    }),
    enabled: a.ready,
  })
  const before = rangeBefore(range)
  const totals = useQuery({
    ...analyticsQuery({ metrics: unique([...sums, ...metric.ask]), granularity: range.grain, filters, time_range: timeRange({ start: before.start, end: range.end }), limit: 100_000 }),
    enabled: a.ready,
  })
  const top = useMemo(() => (list.data?.data ?? []).slice(0, mostDrawn), [list.data])
  const values = top.map((r) => valueOf(r, by))
  const series = useQuery({
    ...analyticsQuery({
      metrics: [...metric.ask],
      dimensions: [field],
      granularity: range.grain,
      filters: [...filters, { field, operator: 'in', value: values.filter((v) => v !== null), include_unset: values.includes(null) }],
      time_range: timeRange(range),
      limit: 100_000,
    }),
    enabled: a.ready && top.length > 0,
  })
  const chart = useMemo(
    () => (totals.data && (series.data || top.length === 0) ? chartOf({ metric, by, range, before: a.before }, a.compare, top, totals.data.data, series.data?.data ?? []) : undefined),
    [totals.data, series.data, top, metric, by, range, a.compare, a.before],
  )
  const split = useMemo(() => totals.data && halves(totals.data.data, range), [totals.data, range])
  return {
    rows: list.data?.data,
    more: list.data?.metadata.truncated ?? false,
    chart,
    now: split && summed(split.now, sums),
    before: split && summed(split.before, sums),
    warnings: unique([...(list.data?.warnings ?? []), ...(totals.data?.warnings ?? [])]),
    error: list.error ?? totals.error ?? series.error,
    retry: () => void Promise.all([list.refetch(), totals.refetch(), ...(top.length ? [series.refetch()] : [])]),
  }
}

/** Rows of the range, and of the one before it. */
function halves(rows: readonly Row[], range: Range) {
  const now = rows.filter((r) => partOf(r, range.grain) >= range.start)
  return { now, before: rows.filter((r) => partOf(r, range.grain) < range.start) }
}

/** The chart's lines: of the largest groups, of all others together where the metric is a sum, and of the range before. */
function chartOf(a: Pick<Activity, 'metric' | 'by' | 'range' | 'before'>, compare: boolean, top: readonly Row[], totals: readonly Row[], rows: readonly Row[]): { at: number[]; series: Series[] } {
  const { metric, by, range } = a
  const at = partsOf(range)
  const index = new Map(at.map((t, i) => [t, i]))
  const empty = metric.kind === 'sum' ? 0 : null
  const line = (of: readonly Row[], shift = 0) => {
    const values = new Array<number | null>(at.length).fill(empty)
    for (const r of of) {
      const i = index.get(partOf(r, range.grain) + shift)
      if (i !== undefined) values[i] = metric.value(r)
    }
    return values
  }
  const groups: Series[] = top.map((t) => ({ name: labelOf(t, by), values: line(rows.filter((r) => valueOf(r, by) === valueOf(t, by))) }))
  const all = line(totals)
  if (metric.kind === 'sum' && top.length === mostDrawn) {
    const rest = all.map((v, i) => Math.max(0, (v ?? 0) - groups.reduce((sum, g) => sum + (g.values[i] ?? 0), 0)))
    const rounding = 1e-9 // of sums of binary fractions
    if (rest.some((v) => v > rounding)) groups.push({ name: 'Others', values: rest, color: 'var(--color-edge)' })
  }
  if (compare) groups.push({ name: `All, ${a.before}`, values: line(totals, range.end - range.start), over: true })
  return { at, series: groups }
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)]
}


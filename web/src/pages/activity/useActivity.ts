import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type AnalyticsQuery, analyticsQueries, analyticsQuery, type Grain, type Metric, partOf, partsOf, type Range, rangeBefore, type Row, summed, timeRange } from '@/lib/analytics'
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
const mostTogether = 3000 // rows of a question, some hundred kilobytes

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
  const top = useMemo(() => (list.data?.data ?? []).slice(0, mostDrawn), [list.data])
  const time = useOverTime(a, list.data && { rows: list.data.data.length, more: list.data.metadata.truncated, top })
  const chart = useMemo(
    () => time.totals && time.groups && chartOf({ metric, by, range, before: a.before }, a.compare, top, time.totals, time.groups),
    [time.totals, time.groups, top, metric, by, range, a.compare, a.before],
  )
  const split = useMemo(() => time.totals && halves(time.totals, range), [time.totals, range])
  const asked = [list, ...time.asked]
  return {
    rows: list.data?.data,
    more: list.data?.metadata.truncated ?? false,
    chart,
    now: split && summed(split.now, sums),
    before: split && summed(split.before, sums),
    warnings: unique(asked.flatMap((q) => [q.data ?? []].flat().flatMap((answer) => answer.warnings ?? []))),
    error: asked.find((q) => q.error)?.error,
    retry: () => void Promise.all(asked.map((q) => q.refetch())),
  }
}

/**
 * The list's groups and the totals in each part of the range, the totals also of the range before. Few groups are asked
 * for all together, and the totals are their sums; of many, the totals and the largest are two questions in one. So are those
 * of medians and means before, which are no sums.
 */
function useOverTime({ metric, by, range, filters, compare }: Activity, listed: { rows: number; more: boolean; top: readonly Row[] } | undefined) {
  const field = dimensions[by].field
  const both = { start: rangeBefore(range).start, end: range.end }
  const few = listed && !listed.more && 2 * listed.rows * partsOf(range).length <= mostTogether
  const together = few && !(compare && metric.kind === 'figure')
  const names = unique([...sums, ...metric.ask])
  const inParts = { granularity: range.grain, limit: 100_000 }
  const all = useQuery({ ...analyticsQuery({ ...inParts, metrics: names, dimensions: [field], filters, time_range: timeRange(both) }), enabled: together === true })
  const values = listed?.top.map((r) => valueOf(r, by)) ?? []
  const largest = [...filters, { field, operator: 'in' as const, value: values.filter((v) => v !== null), include_unset: values.includes(null) }]
  const totals = { ...inParts, metrics: names, filters, time_range: timeRange(both) }
  const series = { ...inParts, metrics: [...metric.ask], dimensions: [field], filters: largest, time_range: timeRange(range) }
  const apart = useQuery({ ...analyticsQueries(values.length ? [totals, series] : [totals]), enabled: together === false })
  const added = useMemo(() => all.data && addedUp(all.data.data, range.grain, metric.kind === 'figure' ? sums : unique([...sums, ...metric.ask])), [all.data, range.grain, metric])
  if (together) return { totals: added, groups: all.data?.data, asked: [all] }
  const [sum, largestOverTime] = apart.data ?? []
  return { totals: sum?.data, groups: sum && (largestOverTime?.data ?? []), asked: listed ? [apart] : [] }
}

/** The sums of all groups in each part. */
function addedUp(rows: readonly Row[], grain: Grain, names: readonly string[]): Row[] {
  const part = `date__${grain}`
  const parts = new Map<Row[string] | undefined, Row[]>()
  for (const row of rows) parts.set(row[part], [...(parts.get(row[part]) ?? []), row])
  return [...parts].map(([at, list]) => ({ ...summed(list, names), [part]: at ?? null }))
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


import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ChartLine } from 'lucide-react'
import { Traces } from '@/app/Traces'
import { analyticsQuery, type Metric, metricOf, partOf, partsOf, type Range, type Row, timeRange } from '@/lib/analytics'
import { Chart } from '@/ui/Chart'
import { EmptyState, ErrorState, Panel, Skeleton } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'

const route = getRouteApi('/shell/models/$author/$slug')
const hour = 3600
const most = 6 // endpoints that are drawn

/** How the model's endpoints did for this organisation's requests. */
export function Performance({ id }: { id: string }) {
  const { last = '7d' } = route.useSearch()
  const navigate = route.useNavigate()
  const range = rangeOf(last)
  const { data, error, refetch } = useQuery(
    analyticsQuery({
      metrics: ['request_count', 'p50_latency', 'p90_latency', 'avg_throughput'],
      dimensions: ['endpoint'],
      granularity: range.grain,
      filters: [{ field: 'model', operator: 'eq', value: id }],
      time_range: timeRange(range),
    }),
  )
  const rows = data?.data ?? []
  const endpoints = busiest(rows)
  const charts: readonly [Metric, 'line' | 'stack'][] = [
    [metricOf('latency'), 'line'],
    [metricOf('speed'), 'line'],
    [metricOf('requests'), 'stack'],
  ]
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <Segments
          label="Time"
          value={last}
          onChange={(to) => void navigate({ search: (old) => ({ ...old, last: to === '7d' ? undefined : to }), replace: true })}
          options={[
            { value: '24h', label: '24 h' },
            { value: '7d', label: '7 d' },
            { value: '30d', label: '30 d' },
          ]}
        />
        <span className="text-sm text-muted">Of this organisation’s requests, by endpoint</span>
        <Traces of={{ model: [id] }} />
      </div>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data && rows.length === 0 ? (
        <EmptyState icon={ChartLine} title="No request was answered by this model in this time">
          The charts are of your own requests. What the gateway knows of each endpoint now is in the list of endpoints.
        </EmptyState>
      ) : (
        <div className="grid gap-4 lg:grid-cols-2">
          {charts.map(([metric, kind]) => (
            <Panel key={metric.id} title={metric.name} className={kind === 'stack' ? 'lg:col-span-2' : ''}>
              {data ? (
                <Chart label={`${metric.name} by endpoint`} kind={kind} at={partsOf(range)} series={endpoints.map((e) => ({ name: within(e, id), values: line(rows, e, metric, range) }))} format={metric.format} />
              ) : (
                <Skeleton className="h-48 w-full" />
              )}
            </Panel>
          ))}
        </div>
      )}
    </div>
  )
}

function rangeOf(last: '24h' | '7d' | '30d'): Range {
  const now = Date.now() / 1000
  if (last === '24h') {
    const end = Math.ceil((now + 1) / hour) * hour
    return { start: end - 24 * hour, end, grain: 'hour' }
  }
  const end = Math.ceil((now + 1) / (24 * hour)) * 24 * hour
  return { start: end - (last === '7d' ? 7 : 30) * 24 * hour, end, grain: 'day' }
}

/** What tells an endpoint from the model's others: its id ends with the model's. */
function within(endpoint: string, model: string): string {
  return endpoint.endsWith(`/${model}`) ? endpoint.slice(0, -model.length - 1) : endpoint
}

/** The endpoints with the most requests. */
function busiest(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>()
  for (const r of rows) counts.set(String(r.endpoint), (counts.get(String(r.endpoint)) ?? 0) + Number(r.request_count))
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, most).map(([e]) => e)
}

function line(rows: readonly Row[], endpoint: string, metric: Metric, range: Range): (number | null)[] {
  const values = new Map(rows.filter((r) => r.endpoint === endpoint).map((r) => [partOf(r, range.grain), metric.value(r)]))
  return partsOf(range).map((t) => values.get(t) ?? (metric.kind === 'sum' ? 0 : null))
}

import { getRouteApi } from '@tanstack/react-router'
import { ChartColumn, Download, FileImage, Sheet, X } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { useWorkspaceFilter } from '@/app/workspace'
import { messageOf } from '@/lib/api'
import { metricOf, metrics, type Row } from '@/lib/analytics'
import { csv, download } from '@/lib/csv'
import { Button, IconButton } from '@/ui/Button'
import { Chart } from '@/ui/Chart'
import { chartImage } from '@/ui/chart-image'
import { Input } from '@/ui/Input'
import { Menu, MenuItem } from '@/ui/Menu'
import { EmptyState, ErrorState, Note, PageBody, PageHeader, Panel, Skeleton, SkeletonLines } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { Switch } from '@/ui/Toggle'
import { Cards } from './Cards'
import { type Dimension, dimensionIds, dimensions, labelOf, valueOf } from './dimensions'
import { grainsOf, type Period, periods, rangeOf } from './periods'
import type { ActivitySearch } from './route'
import { TopList } from './TopList'
import { useActivity } from './useActivity'

const route = getRouteApi('/shell/activity')
const narrowable = dimensionIds.filter((d) => d !== 'workspace') as Exclude<Dimension, 'workspace'>[] // that is the frame's own filter

export function ActivityPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { ready, id: workspace } = useWorkspaceFilter()
  const { metric: metricId = 'spend', by = 'model', period = '7d', compare = false } = search
  const metric = metricOf(metricId)
  const thisMinute = Math.floor(Date.now() / 60_000) * 60_000
  const range = useMemo(() => rangeOf(period, search.grain, thisMinute, search.from, search.to), [period, search.grain, thisMinute, search.from, search.to])
  const filters = [
    ...narrowable.flatMap((d) => (search[d] ? [{ field: dimensions[d].field, operator: 'in' as const, value: search[d] }] : [])),
    ...(workspace && by !== 'workspace' ? [{ field: 'workspace', operator: 'eq' as const, value: workspace }] : []),
  ]
  const data = useActivity({ metric, by, range, filters, compare, before: periods[period].before, ready })
  const figure = useRef<HTMLElement>(null)

  const set = (change: ActivitySearch) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const narrow = (value: string) => {
    if (by === 'workspace') return
    const then = dimensions[by].then
    void navigate({ search: (old) => ({ ...old, [by]: [value], by: search[then] ? (['model', 'endpoint', 'key'] as const).find((d) => d !== by && !search[d]) : then }) })
  }
  const title = `${metric.name} by ${dimensions[by].name.toLowerCase()}`
  const nothing = data.now !== undefined && Number(data.now.request_count) === 0
  return (
    <>
      <PageHeader
        width="widest"
        title="Activity"
        about={`What was used, what it cost and how it went, against ${periods[period].before}. Times are UTC.`}
        actions={
          <>
            <Segments
              label="Period"
              value={period}
              onChange={(to) => set({ period: to === '7d' ? undefined : to, from: undefined, to: undefined, grain: undefined })}
              options={Object.entries(periods).map(([value, { label }]) => ({ value: value as Period, label }))}
            />
            <Export
              disabled={!data.rows?.length}
              onCsv={() => data.rows && download('activity.csv', listFile(data.rows, by), 'text/csv')}
              onSeries={() => data.chart && download('activity-over-time.csv', seriesFile(data.chart), 'text/csv')}
              onImage={() => void saveImage(figure.current, title, data.chart)}
            />
          </>
        }
      >
        {period === 'custom' && <Custom search={search} set={set} />}
        <Narrowed search={search} rows={data.rows ?? []} set={set} />
      </PageHeader>
      <PageBody width="widest">
        {data.error ? (
          <ErrorState error={data.error} onRetry={data.retry} />
        ) : (
          <>
            <Cards now={data.now} before={data.before} than={periods[period].before} metric={metricId} onChoose={(id) => set({ metric: id === 'spend' ? undefined : id })} />
            {data.warnings.map((w) => (
              <Note key={w} kind="warn">
                {w}
              </Note>
            ))}
            {nothing ? (
              <EmptyState icon={ChartColumn} title="No request in this time">
                {filters.length ? 'Nothing fits. Take a filter away or choose a longer time.' : 'Choose a longer time, or make a request: it is counted here when it has ended.'}
              </EmptyState>
            ) : (
              <>
                <Panel
                  title={title}
                  actions={
                    <div className="flex flex-wrap items-center gap-2">
                      <Select small aria-label="What" className="w-44" value={metricId} onChange={(id) => set({ metric: id === 'spend' ? undefined : id })} options={metrics.map((m) => ({ value: m.id, label: m.name }))} />
                      <Select small aria-label="By" className="w-32" value={by} onChange={(to) => set({ by: to === 'model' ? undefined : to, sort: undefined })} options={dimensionIds.map((d) => ({ value: d, label: dimensions[d].name }))} />
                      {grainsOf(range.start, range.end).length > 1 && (
                        <Select small aria-label="In steps of" className="w-24" value={range.grain} onChange={(grain) => set({ grain })} options={grainsOf(range.start, range.end).map((g) => ({ value: g, label: `By ${g}` }))} />
                      )}
                      <span className="text-sm">
                        <Switch label="Compare" checked={compare} onChange={(on) => set({ compare: on || undefined })} />
                      </span>
                    </div>
                  }
                >
                  {data.chart ? (
                    <Chart ref={figure} label={title} kind={metric.kind === 'sum' ? 'stack' : 'line'} height={260} at={data.chart.at} series={data.chart.series} format={metric.format} />
                  ) : (
                    <Skeleton className="h-72 w-full" />
                  )}
                </Panel>
                <Panel flush title={`By ${dimensions[by].name.toLowerCase()}`} about={data.more ? 'The first 200' : undefined}>
                  {data.rows ? (
                    <TopList
                      rows={data.rows}
                      by={by}
                      metric={metric}
                      whole={metric.kind === 'sum' && data.now ? metric.value(data.now) : null}
                      sort={search.sort}
                      onSort={(sort) => set({ sort })}
                      onNarrow={narrow}
                      logs={(value) => ({ ...Object.fromEntries(narrowable.map((d) => [d, search[d]])), [by]: [value], from: new Date(range.start * 1000).toISOString(), to: new Date(range.end * 1000).toISOString() })}
                    />
                  ) : (
                    <div className="p-4">
                      <SkeletonLines lines={6} />
                    </div>
                  )}
                </Panel>
              </>
            )}
          </>
        )}
      </PageBody>
    </>
  )
}

/** The days of a custom period. */
function Custom({ search, set }: { search: ActivitySearch; set: (change: ActivitySearch) => void }) {
  const today = new Date().toISOString().slice(0, 10)
  return (
    <div className="flex items-center gap-2">
      <Input type="date" aria-label="From" className="max-w-40" max={search.to ?? today} value={search.from ?? ''} onChange={(e) => set({ from: e.target.value || undefined })} />
      <span className="text-muted">to</span>
      <Input type="date" aria-label="To, included" className="max-w-40" min={search.from} max={today} value={search.to ?? ''} onChange={(e) => set({ to: e.target.value || undefined })} />
    </div>
  )
}

/** What the page is narrowed to; each can be taken away. */
function Narrowed({ search, rows, set }: { search: ActivitySearch; rows: readonly Row[]; set: (change: ActivitySearch) => void }) {
  const filters = narrowable.flatMap((d) => (search[d] ?? []).map((value) => ({ d, value })))
  if (filters.length === 0) return null
  const name = (d: Dimension, value: string) => {
    const row = rows.find((r) => valueOf(r, d) === value)
    return row ? labelOf(row, d) : value
  }
  return (
    <ul aria-label="Narrowed to" className="flex flex-wrap items-center gap-2">
      {filters.map(({ d, value }) => (
        <li key={d + value} className="flex h-(--control-small) items-center rounded-md border border-line bg-surface pl-2.5 text-sm">
          <span className="text-muted">{dimensions[d].name}</span>
          <span className="ml-1.5 max-w-64 truncate font-medium">{name(d, value)}</span>
          <IconButton
            icon={X}
            small
            tooltip={false}
            label={`No longer only ${dimensions[d].name.toLowerCase()} ${name(d, value)}`}
            onClick={() => {
              const left = (search[d] ?? []).filter((v) => v !== value)
              set({ [d]: left.length ? left : undefined })
            }}
          />
        </li>
      ))}
      <li>
        <Button small kind="quiet" onClick={() => set(Object.fromEntries(narrowable.map((d) => [d, undefined])))}>
          Clear
        </Button>
      </li>
    </ul>
  )
}

function Export(props: { disabled: boolean; onCsv: () => void; onSeries: () => void; onImage: () => void }) {
  return (
    <Menu trigger={<Button icon={Download} disabled={props.disabled}>Save</Button>}>
      <MenuItem icon={Sheet} onSelect={props.onCsv}>
        The list as CSV
      </MenuItem>
      <MenuItem icon={Sheet} onSelect={props.onSeries}>
        The chart’s values as CSV
      </MenuItem>
      <MenuItem icon={FileImage} onSelect={props.onImage}>
        The chart as PNG
      </MenuItem>
    </Menu>
  )
}

function listFile(rows: readonly Row[], by: Dimension): string {
  const names = Object.keys(rows[0] ?? {})
  return csv([by, ...names], rows.map((r) => [labelOf(r, by), ...names.map((n) => r[n])]))
}

function seriesFile({ at, series }: { at: readonly number[]; series: readonly { name: string; values: readonly (number | null)[] }[] }): string {
  return csv(['time_utc', ...series.map((s) => s.name)], at.map((t, i) => [new Date(t * 1000).toISOString(), ...series.map((s) => s.values[i])]))
}

async function saveImage(figure: HTMLElement | null, title: string, chart: { series: Parameters<typeof chartImage>[2] } | undefined) {
  if (!figure || !chart) return
  try {
    download('activity.png', await chartImage(figure, title, chart.series))
  } catch (e) {
    toast(messageOf(e), { bad: true })
  }
}

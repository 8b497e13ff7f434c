import { Link } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { useMemo } from 'react'
import { type Metric, metricOf, type MetricId, type Row } from '@/lib/analytics'
import { duration, percent } from '@/lib/format'
import { buttonClass } from '@/ui/Button'
import { chartColor } from '@/ui/Chart'
import { None } from '@/ui/Format'
import { type Column, PlainTable } from '@/ui/Table'
import { Tooltip } from '@/ui/Tooltip'
import { type Dimension, dimensions, labelOf, valueOf } from './dimensions'

type Props = {
  rows: readonly Row[]
  by: Dimension
  metric: Metric
  /** The metric over all rows, where it is a sum. */
  whole: number | null
  sort: string | undefined
  onSort: (sort: string) => void
  /** Narrows the page to a value. */
  onNarrow: (value: string) => void
  /** The same in the log. */
  logs: (value: string) => Record<string, unknown>
}

const figures: readonly { id: MetricId; from?: 'md' | 'lg' }[] = [{ id: 'spend' }, { id: 'requests', from: 'md' }, { id: 'tokens', from: 'md' }, { id: 'cached', from: 'lg' }, { id: 'failing', from: 'md' }]

/** Every value of the dimension with its figures; a click narrows the page to it. */
export function TopList(props: Props) {
  const { rows, by } = props
  const columns = useMemo(() => columnsOf(props), [props])
  return <PlainTable label={`By ${dimensions[by].name.toLowerCase()}`} columns={columns} rows={rows} rowKey={(r) => String(valueOf(r, by))} sort={props.sort} onSort={props.onSort} />
}

function columnsOf({ rows, by, metric, whole, onNarrow, logs }: Props): Column<Row>[] {
  const place = new Map(rows.map((r, i) => [r, i]))
  return [
    {
      id: 'name',
      name: dimensions[by].name,
      width: '2fr',
      sort: (r) => labelOf(r, by),
      cell: (r) => <Name row={r} by={by} place={place.get(r) ?? 0} onNarrow={onNarrow} />,
    },
    ...(whole
      ? [{ id: 'share', name: `Share of ${metric.name.toLowerCase()}`, width: '1fr', from: 'md' as const, sort: (r: Row) => metric.value(r), cell: (r: Row) => <Share part={(metric.value(r) ?? 0) / whole} /> }]
      : []),
    ...figures.map(({ id, from }): Column<Row> => {
      const m = metricOf(id)
      return { id, name: m.name, width: '1fr', align: 'right', from, sort: m.value, cell: (r) => figure(m, r) }
    }),
    { id: 'latency', name: 'Latency', width: '1fr', align: 'right', from: 'lg', sort: (r) => metricOf('latency').value(r), cell: (r) => (r.p50_latency == null ? <None /> : duration(Number(r.p50_latency))) },
    { id: 'speed', name: 'Speed', width: '1fr', align: 'right', from: 'xl', sort: (r) => metricOf('speed').value(r), cell: (r) => figure(metricOf('speed'), r) },
    { id: 'logs', name: '', width: '2rem', cell: (r) => <LogsLink row={r} by={by} logs={logs} /> },
  ]
}

function figure(m: Metric, row: Row) {
  const value = m.value(row)
  return value === null ? <None /> : <span className={m.bad && value > 0 ? 'text-bad' : undefined}>{m.format(value)}</span>
}

function Name({ row, by, place, onNarrow }: { row: Row; by: Dimension; place: number; onNarrow: (value: string) => void }) {
  const value = valueOf(row, by)
  const text = <span className="block max-w-72 truncate max-md:max-w-44">{labelOf(row, by)}</span>
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden className="size-2.5 shrink-0 rounded-sm" style={{ background: place < 6 ? chartColor(place) : 'var(--color-edge)' }} />
      {value === null ? (
        <span className="text-muted">{text}</span>
      ) : (
        <button type="button" onClick={() => onNarrow(value)} className="min-w-0 rounded-sm text-left font-medium hover:underline">
          {text}
        </button>
      )}
    </span>
  )
}

function Share({ part }: { part: number }) {
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="h-1.5 w-24 overflow-hidden rounded-full bg-line">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${Math.min(100, part * 100)}%` }} />
      </span>
      <span className="num text-muted">{percent(part * 100)}</span>
    </span>
  )
}

function LogsLink({ row, by, logs }: { row: Row; by: Dimension; logs: Props['logs'] }) {
  const value = valueOf(row, by)
  if (value === null || by === 'workspace') return null
  const label = `Requests of ${labelOf(row, by)} in the log`
  return (
    <Tooltip text="In the log">
      <Link to="/logs" search={logs(value)} aria-label={label} className={`${buttonClass('quiet', true)} px-1.5!`}>
        <ScrollText className="size-4" aria-hidden />
      </Link>
    </Tooltip>
  )
}

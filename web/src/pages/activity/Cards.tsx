import { ArrowDown, ArrowUp } from 'lucide-react'
import { type Metric, metricOf, type MetricId, type Row } from '@/lib/analytics'
import { percent, plural } from '@/lib/format'
import { cx } from '@/ui/cx'
import { Skeleton } from '@/ui/Panel'

const shown: readonly MetricId[] = ['spend', 'requests', 'tokens', 'cached', 'failing']

/** The totals of the period beside each other, each with its change; a click shows it in the chart. */
export function Cards(props: { now: Row | undefined; before: Row | undefined; than: string; metric: MetricId; onChoose: (id: MetricId) => void }) {
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5" role="group" aria-label="Totals">
      {shown.map((id) => {
        const metric = metricOf(id)
        const chosen = props.metric === id
        return (
          <button
            key={id}
            type="button"
            aria-pressed={chosen}
            onClick={() => props.onChoose(id)}
            className="min-w-0 rounded-lg border max-sm:first:col-span-2 border-line bg-surface px-4 py-3 text-left hover:bg-hover aria-pressed:border-accent aria-pressed:shadow-[inset_0_0_0_1px_var(--color-accent)]"
          >
            <span className="block text-sm text-muted">{metric.name}</span>
            {props.now && props.before ? (
              <>
                <span className="num mt-0.5 block truncate text-xl font-semibold">{shownValue(metric, props.now)}</span>
                <Change metric={metric} now={props.now} before={props.before} than={props.than} />
              </>
            ) : (
              <Skeleton className="mt-1.5 h-9 w-24" />
            )}
          </button>
        )
      })}
    </div>
  )
}

function shownValue(metric: Metric, row: Row): string {
  const value = metric.value(row)
  return value === null ? '–' : metric.format(value)
}

/** By how much it is more or less than before: by per cent, of shares by points. */
function Change({ metric, now, before, than }: { metric: Metric; now: Row; before: Row; than: string }) {
  const [a, b] = [metric.value(now), metric.value(before)]
  if (a === null || b === null || (metric.kind === 'sum' && b === 0)) {
    return <span className="block text-xs text-muted">none {than.replace('the ', 'in the ')}</span>
  }
  const by = metric.kind === 'ratio' ? a - b : (100 * (a - b)) / b
  const rounded = Number(by.toFixed(Math.abs(by) < 10 ? 1 : 0))
  const Arrow = rounded > 0 ? ArrowUp : ArrowDown
  return (
    <span className={cx('num flex items-center gap-0.5 text-xs', metric.bad && rounded > 0 ? 'text-bad' : metric.bad && rounded < 0 ? 'text-good' : 'text-muted')} title={`than ${than}`}>
      {rounded !== 0 && <Arrow className="size-3" aria-hidden />}
      <span className="sr-only">{rounded > 0 ? 'up' : rounded < 0 ? 'down' : ''}</span>
      {metric.kind === 'ratio' ? plural(Math.abs(rounded), 'point') : percent(Math.abs(rounded))}
      <span className="sr-only">than {than}</span>
    </span>
  )
}

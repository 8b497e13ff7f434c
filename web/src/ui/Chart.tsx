import { lazy, type Ref, Suspense } from 'react'
import { Skeleton } from './Panel'

export type Series = {
  name: string
  values: readonly (number | null)[]
  /** A token instead of the colour of its place. */
  color?: string
  /** Drawn over the others as a dashed line, to compare them with. */
  over?: true
}

export type ChartProps = {
  /** What it shows, for those who do not see it. */
  label: string
  /** Unix seconds, ascending; one for each value of each series. */
  at: readonly number[]
  series: readonly Series[]
  format: (value: number) => string
  height?: number
  /** In a stack, the first series is the lowest. */
  kind?: 'line' | 'bars' | 'stack'
  ref?: Ref<HTMLElement>
}

const Plot = lazy(() => import('./Plot'))

/** Values over time. The library that draws is loaded with the first chart; the values are also there as a table. */
export function Chart(props: ChartProps) {
  const height = props.height ?? 180
  return (
    <figure ref={props.ref} aria-label={props.label} className="min-w-0">
      {props.series.length > 1 && <Legend series={props.series} />}
      <div aria-hidden style={{ height }}>
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          <Plot {...props} height={height} />
        </Suspense>
      </div>
      <details className="mt-1 text-sm">
        <summary className="w-fit text-muted hover:text-ink">Values</summary>
        <Values {...props} />
      </details>
    </figure>
  )
}

function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
      {series.map((s, i) => (
        <li key={s.name} className="flex items-center gap-1.5">
          <span aria-hidden className={s.over ? 'w-4 border-t-2 border-dashed border-ink' : 'size-2.5 rounded-sm'} style={s.over ? undefined : { background: colorOf(s, i) }} />
          <span className="max-w-56 truncate">{s.name}</span>
        </li>
      ))}
    </ul>
  )
}

function Values({ at, series, format }: ChartProps) {
  return (
    <div className="max-h-64 overflow-auto" tabIndex={0} role="region" aria-label="Values">
      <table className="num w-full text-left">
        <thead>
          <tr className="text-muted">
            <th className="py-1 pr-4 font-medium">Time, UTC</th>
            {series.map((s) => (
              <th key={s.name} className="py-1 pr-4 text-right font-medium">
                {s.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {at.map((t, i) => (
            <tr key={t} className="border-t border-line">
              <td className="py-1 pr-4">{new Date(t * 1000).toISOString().slice(0, 16).replace('T', ' ')}</td>
              {series.map((s) => (
                <td key={s.name} className="py-1 pr-4 text-right">
                  {s.values[i] == null ? '–' : format(s.values[i])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The colour of a series: its own, or that of its place. */
export function colorOf(s: Series, i: number): string {
  return s.color ?? (s.over ? 'var(--color-ink)' : chartColor(i))
}

/** The colour of a series, by its place; it repeats after six. */
export function chartColor(i: number): string {
  return `var(--color-chart-${(i % 6) + 1})`
}

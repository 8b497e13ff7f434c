import { percent, plural } from '@/lib/format'
import { cx } from '@/ui/cx'
import { type Hour, isBad } from './incidents'

/** A cell for each hour: how much of its requests failed. */
export function Strip({ at, hours }: { at: readonly number[]; hours: ReadonlyMap<number, Hour> }) {
  return (
    <div>
      <ol aria-label="The last 24 hours" className="flex gap-0.5 sm:gap-1">
        {at.map((t) => {
          const h = hours.get(t)
          const text = describe(t, h)
          return (
            <li key={t} title={text} className={cx('h-9 min-w-0 flex-1 rounded-sm', tone(h))}>
              <span className="sr-only">{text}</span>
            </li>
          )
        })}
      </ol>
      <div aria-hidden className="num mt-1.5 flex justify-between text-xs text-muted">
        <span>{clock(at[0] ?? 0)} UTC</span>
        <span>now</span>
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {legend.map(([name, fill]) => (
          <li key={name} className="flex items-center gap-1.5">
            <span aria-hidden className={cx('size-2.5 rounded-sm', fill)} />
            {name}
          </li>
        ))}
      </ul>
    </div>
  )
}

const legend = [
  ['no request', 'bg-line'],
  ['all answered', 'bg-good'],
  ['some failed', 'bg-warn'],
  ['an incident', 'bg-bad'],
] as const

function tone(h: Hour | undefined): string {
  if (!h || h.requests === 0) return 'bg-line'
  return isBad(h) ? 'bg-bad' : h.errors > 0 ? 'bg-warn' : 'bg-good'
}

function describe(t: number, h: Hour | undefined): string {
  if (!h || h.requests === 0) return `${clock(t)}: no request`
  const failed = h.errors > 0 ? `${plural(h.errors, 'error')}, ${percent((100 * h.errors) / h.requests)}` : 'none failed'
  return `${clock(t)}: ${plural(h.requests, 'request')}, ${failed}, ${plural(h.fallbacks, 'fallback')}`
}

function clock(t: number): string {
  return new Date(t * 1000).toISOString().slice(11, 16)
}

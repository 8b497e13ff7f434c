import type { ReactNode } from 'react'
import { duration } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { cx } from '@/ui/cx'
import type { Attempt, Generation } from './queries'

type Phase = 'gateway' | 'waiting' | 'thinking' | 'streaming' | 'failed'

const phases: Record<Phase, { name: string; fill: string }> = {
  gateway: { name: 'In the gateway', fill: 'bg-edge' },
  waiting: { name: 'Waiting for headers', fill: 'bg-chart-1/35' },
  thinking: { name: 'Headers to first content', fill: 'bg-chart-1/60' },
  streaming: { name: 'Content', fill: 'bg-chart-1' },
  failed: { name: 'Failed', fill: 'bg-bad' },
}

type Part = { phase: Phase; from: number; to: number }
type Line = { id: string; name: ReactNode; note?: string; parts: readonly Part[]; time: number }

/** When what happened, from the request to its end, every attempt in a row of its own. */
export function Waterfall({ of: g }: { of: Generation }) {
  const { attempts } = g.dragoman
  const end = Math.max(g.generation_time ?? 0, ...attempts.map((a) => a.end_ms), 1)
  const lines = linesOf(g, end)
  const used = (Object.keys(phases) as Phase[]).filter((p) => lines.some((l) => l.parts.some((part) => part.phase === p)))
  return (
    <div className="flex flex-col gap-3">
      <div className="relative">
        <Axis end={end} first={g.latency} />
        <ol className="relative flex flex-col">
          {lines.map((l) => (
            <li key={l.id} className="grid grid-cols-[1fr_4.5rem] items-center gap-x-3 py-1.5 md:grid-cols-[13rem_1fr_4.5rem]">
              <div className="min-w-0 max-md:col-span-2">
                <div className="flex min-w-0 items-center gap-2 text-sm">{l.name}</div>
                {l.note && <div className="truncate font-mono text-xs text-muted">{l.note}</div>}
              </div>
              <Bar parts={l.parts} end={end} />
              <span className="num text-right text-sm">{l.time < 1 ? '< 1 ms' : duration(l.time)}</span>
            </li>
          ))}
        </ol>
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line pt-2.5 text-xs text-muted">
        {used.map((p) => (
          <li key={p} className="flex items-center gap-1.5">
            <span aria-hidden className={cx('h-2.5 w-3.5 rounded-sm', phases[p].fill)} />
            {phases[p].name}
          </li>
        ))}
        {g.latency !== null && (
          <li className="flex items-center gap-1.5">
            <span aria-hidden className="h-3 border-l-2 border-dashed border-good" />
            First content after {duration(g.latency)}
          </li>
        )}
      </ul>
    </div>
  )
}

function linesOf(g: Generation, end: number): Line[] {
  const { attempts } = g.dragoman
  const begins = attempts[0]?.start_ms ?? end
  const ends = attempts.at(-1)?.end_ms ?? end
  return [
    { id: 'plan', name: 'Read, planned, held', parts: [{ phase: 'gateway', from: 0, to: begins }], time: begins },
    ...attempts.map((a, i) => ({ id: `attempt ${i}`, name: <AttemptName of={a} />, note: a.endpoint, parts: partsOf(a), time: a.end_ms - a.start_ms })),
    ...(attempts.length ? [{ id: 'settle', name: 'Settled', parts: [{ phase: 'gateway', from: ends, to: end } as const], time: end - ends }] : []),
  ]
}

function AttemptName({ of: a }: { of: Attempt }) {
  return (
    <>
      <span className="truncate font-medium">{a.provider}</span>
      <AttemptStatus of={a} />
    </>
  )
}

/** How an attempt ended: the provider's status, or what kind of failure it was. */
export function AttemptStatus({ of: a }: { of: Attempt }) {
  const failed = Boolean(a.kind)
  return <Badge tone={failed ? 'bad' : 'good'}>{a.status ? String(a.status) : failed ? 'no answer' : 'ok'}</Badge>
}

function partsOf(a: Attempt): Part[] {
  const headers = a.headers_ms ?? a.end_ms
  const first = a.first_ms ?? a.end_ms
  if (a.kind && !a.first_ms) return [{ phase: 'failed', from: a.start_ms, to: a.end_ms }]
  const parts: Part[] = [
    { phase: 'waiting', from: a.start_ms, to: headers },
    { phase: 'thinking', from: headers, to: first },
    { phase: a.kind ? 'failed' : 'streaming', from: first, to: a.end_ms },
  ]
  return parts.filter((p) => p.to > p.from)
}

function Bar({ parts, end }: { parts: readonly Part[]; end: number }) {
  const all = parts.map((p) => `${phases[p.phase].name} from ${duration(p.from)} to ${duration(p.to)}`).join(', ')
  return (
    <div className="relative h-4 rounded-sm bg-sunken" title={all}>
      <span className="sr-only">{all}</span>
      {parts.map((p) => (
        <span
          key={p.phase}
          aria-hidden
          className={cx('absolute inset-y-0 min-w-0.5 rounded-[2px]', phases[p.phase].fill)}
          style={{ left: `min(${(p.from / end) * 100}%, 100% - 2px)`, width: `${((p.to - p.from) / end) * 100}%` }}
        />
      ))}
    </div>
  )
}

/** The times above the bars, and the lines behind them. */
function Axis({ end, first }: { end: number; first: number | null }) {
  const step = Math.max(1, nice(end / 5))
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step).filter((t) => t < end * 0.97)
  const at = (t: number) => ({ left: `${(t / end) * 100}%` })
  return (
    <div aria-hidden className="grid grid-cols-[1fr_4.5rem] gap-x-3 md:grid-cols-[13rem_1fr_4.5rem]">
      <div className="max-md:hidden" />
      <div className="num relative h-5 text-xs text-muted">
        {ticks.map((t) => (
          <span key={t} className={cx('absolute top-0 whitespace-nowrap', t > 0 && '-translate-x-1/2')} style={at(t)}>
            {t === 0 ? '0' : duration(t)}
          </span>
        ))}
      </div>
      <div className="pointer-events-none absolute inset-x-0 top-5 bottom-0 grid grid-cols-[1fr_4.5rem] gap-x-3 max-md:hidden md:grid-cols-[13rem_1fr_4.5rem]">
        <div />
        <div className="relative">
          {ticks.map((t) => (
            <span key={t} className="absolute inset-y-0 border-l border-line" style={at(t)} />
          ))}
          {first !== null && <span className="absolute inset-y-0 z-10 border-l-2 border-dashed border-good" style={at(first)} />}
        </div>
      </div>
    </div>
  )
}

/** The next of 1, 2, 5, 10 … that is not below n. */
function nice(n: number): number {
  const power = 10 ** Math.floor(Math.log10(n))
  return ([1, 2, 5, 10].find((f) => f * power >= n) ?? 10) * power
}

import type { ReactNode } from 'react'
import { cx } from './cx'

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent'

const tones: Record<Tone, string> = {
  plain: 'bg-sunken text-muted border-line',
  good: 'bg-good-soft text-good border-transparent',
  warn: 'bg-warn-soft text-warn border-transparent',
  bad: 'bg-bad-soft text-bad border-transparent',
  accent: 'bg-chosen text-accent-strong border-transparent',
}

/** A short word about the thing beside it. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={cx('inline-flex h-5 shrink-0 items-center rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap', tones[tone])}>{children}</span>
}

/** A key of the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-sm border border-line bg-sunken px-1 font-sans text-xs text-muted">{children}</kbd>
}

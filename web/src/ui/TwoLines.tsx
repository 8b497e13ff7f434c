import type { ReactNode } from 'react'
import { cx } from './cx'

/** The cell of a row of two lines: a name, and what else tells it from others. */
export function TwoLines({ name, below, mono }: { name: ReactNode; below: ReactNode; mono?: boolean }) {
  return (
    <>
      <div className="truncate font-medium">{name}</div>
      <div className={cx('truncate text-xs text-muted', mono && 'font-mono')}>{below}</div>
    </>
  )
}

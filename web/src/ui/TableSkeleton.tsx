import type { CSSProperties } from 'react'
import { cx } from './cx'
import { Skeleton } from './Panel'
import { type TableProps, useColumns } from './Table'

const rows = 10

/** Holds the place of a `Table` that is being loaded: the names of its columns, and rows of its height. */
export function TableSkeleton<T>({ columns, tall }: Pick<TableProps<T>, 'columns' | 'tall'>) {
  const { shown, template } = useColumns(columns)
  const style = { gridTemplateColumns: template } as CSSProperties
  const row = 'page-pad grid items-center gap-x-4 border-b border-line'
  return (
    <div role="status" aria-label="Loading" className="min-h-0 flex-1 overflow-hidden">
      <div aria-hidden className={row} style={style}>
        {shown.map((c) => (
          <span key={c.id} className={cx('flex h-8 min-w-0 items-center truncate text-xs font-medium text-muted', c.align === 'right' && 'justify-end')}>
            {c.name}
          </span>
        ))}
      </div>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} aria-hidden className={cx(row, tall ? 'h-(--row-tall)' : 'h-(--row)')} style={style}>
          {shown.map((c, j) => (
            <div key={c.id} className={cx('flex min-w-0 flex-col gap-2', c.align === 'right' && 'items-end')}>
              <Skeleton className={cx('h-3.5', c.align === 'right' ? 'w-10 max-w-full' : (i + j) % 3 ? 'w-3/5' : 'w-4/5')} />
              {tall && j === 0 && <Skeleton className="h-2.5 w-2/5" />}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}

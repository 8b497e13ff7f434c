import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type CSSProperties, type FocusEvent, type KeyboardEvent, memo, type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useHotkeys } from '@/lib/hotkeys'
import { cx } from './cx'

export type Column<T> = {
  id: string
  name: string
  /** A CSS grid track, such as "minmax(12rem, 2fr)" or "7rem". */
  width: string
  cell: (row: T) => ReactNode
  /** What the rows are sorted by; a column without it cannot be sorted. Null comes last in both directions. */
  sort?: (row: T) => string | number | null | undefined
  align?: 'right'
  /** The narrowest layout that shows it; all do when absent. */
  from?: 'md' | 'lg' | 'xl'
}

/** A column's id, with "-" in front for the other direction: what belongs in the URL. */
export type Sort = string

export type TableProps<T> = {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
  sort?: Sort
  onSort?: (sort: Sort) => void
  /** A click on a row, or Enter on it. */
  onOpen?: (row: T) => void
  /** The key of the row whose details are shown beside the table. */
  selected?: string
  /** The keyboard moved to a row. */
  onMove?: (row: T) => void
  /** Rows that came while the table was looked at: they are marked for a moment. */
  fresh?: (row: T) => boolean
  /** Rows of two lines. */
  tall?: boolean
  /** Shown instead of rows when there are none. */
  empty?: ReactNode
  /** The end of the rows came into sight: more may be loaded. */
  onEnd?: () => void
}

/**
 * A table of any number of rows: only those in sight are in the page. Its parent gives it its height. The arrow keys,
 * j and k, Page Up and Down, Home and End move between rows, Enter opens one. Rows that come in front of those in sight
 * do not move them, unless the table is at its top.
 */
export function Table<T>(props: TableProps<T>) {
  const { columns, label, rowKey, onOpen, onMove, onEnd } = props
  const rows = useMemo(() => sorted(props.rows, columns, props.sort), [props.rows, columns, props.sort])
  const pane = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const height = useRowHeight(props.tall ? '--row-tall' : '--row')
  const view = useVirtualizer({ count: rows.length, getScrollElement: () => pane.current, estimateSize: () => height, overscan: 12 })
  useEffect(() => view.measure(), [view, height])

  const inSight = view.getVirtualItems()
  const atEnd = rows.length > 0 && (inSight.at(-1)?.index ?? 0) >= rows.length - 5
  useEffect(() => {
    if (atEnd) onEnd?.()
  }, [atEnd, onEnd, rows.length])

  // The row that is to have the focus may not be there before the table has scrolled to it.
  const wanted = useRef<number>(undefined)
  const focusWanted = () => {
    const row = wanted.current === undefined ? undefined : pane.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (!row) return
    wanted.current = undefined
    row.focus()
  }
  useLayoutEffect(focusWanted)

  const go = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    wanted.current = to
    setActive(to)
    view.scrollToIndex(to)
    focusWanted()
    if (rows[to]) onMove?.(rows[to])
  }
  // From outside of the table the first of these keys goes into it, to the row where one was.
  const step = (by: number) => go(props.selected !== undefined || pane.current?.contains(document.activeElement) ? active + by : active)
  useHotkeys([
    { keys: 'j', label: 'Next row', run: () => step(1) },
    { keys: 'k', label: 'Previous row', run: () => step(-1) },
  ])
  useAnchor(pane, rows, rowKey, height, (shift) => setActive((at) => at + shift))
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>) => {
    const row = (e.target as HTMLElement).closest<HTMLElement>('[data-index]')
    if (!row || row !== e.target) return // keys in a row's own controls are theirs
    const at = Number(row.dataset.index)
    const page = Math.max(1, Math.floor((pane.current?.clientHeight ?? 0) / height) - 2)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[e.key]
    if (to !== undefined) {
      e.preventDefault()
      go(to)
    } else if (e.key === 'Enter' && onOpen && rows[at]) {
      e.preventDefault()
      onOpen(rows[at])
    }
  }

  // Rows have no handlers of their own: one that is made anew would draw every row anew.
  const indexOf = (target: EventTarget) => Number((target as Element).closest<HTMLElement>('[data-index]')?.dataset.index ?? -1)
  const onFocus = (e: FocusEvent<HTMLDivElement>) => {
    const at = indexOf(e.target)
    if (at >= 0) setActive(at)
  }
  const onClick = (e: MouseEvent<HTMLDivElement>) => {
    const row = rows[indexOf(e.target)]
    if (row !== undefined && !fromControl(e.target)) onOpen?.(row)
  }

  const track = useColumns(columns)
  const style = { gridTemplateColumns: track.template } as CSSProperties
  return (
    <div ref={pane} tabIndex={rows.length === 0 ? 0 : undefined} className="relative min-h-0 flex-1 overflow-auto" onKeyDown={onKeyDown}>
      <div role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-colcount={track.shown.length} className="min-w-fit text-sm">
        <div role="rowgroup" className="sticky top-0 z-10">
          <div role="row" aria-rowindex={1} className="page-pad grid items-center gap-x-4 border-b border-line bg-page" style={style}>
            {track.shown.map((c) => (
              <Heading key={c.id} column={c} sort={props.sort} onSort={props.onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: view.getTotalSize() }} onFocus={onFocus} onClick={onClick} onMouseOver={tellWhole}>
          {inSight.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            const key = rowKey(row)
            return (
              <Row
                key={key}
                row={row}
                index={item.index}
                start={item.start}
                height={height}
                columns={track.shown}
                template={track.template}
                focusable={item.index === Math.min(active, rows.length - 1)}
                opens={onOpen !== undefined}
                selected={props.selected === undefined ? undefined : props.selected === key}
                fresh={props.fresh?.(row)}
              />
            )
          })}
        </div>
      </div>
      {rows.length === 0 && props.empty}
    </div>
  )
}

type RowProps<T> = Pick<TableProps<T>, 'columns'> & {
  row: T
  index: number
  /** Pixels from the top of the rows. */
  start: number
  height: number
  template: string
  focusable: boolean
  opens: boolean
  selected?: boolean
  fresh?: boolean
}

/** A row; while others scroll into sight, or are loaded, it stays as it is. */
const Row = memo(function Row<T>({ row, index, start, height, columns, template, focusable, opens, selected, fresh }: RowProps<T>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      tabIndex={focusable ? 0 : -1}
      aria-selected={selected}
      className={cx(
        'page-pad absolute inset-x-0 top-0 grid items-center gap-x-4 border-b border-line hover:bg-hover focus-visible:-outline-offset-2 aria-selected:bg-chosen',
        opens && 'cursor-pointer',
        fresh && 'animate-mark',
      )}
      style={{ gridTemplateColumns: template, height, translate: `0 ${start}px` }}
    >
      {columns.map((c) => (
        <div key={c.id} role="gridcell" className={cx('min-w-0 truncate', c.align === 'right' && 'num text-right')}>
          {c.cell(row)}
        </div>
      ))}
    </div>
  )
}) as <T>(props: RowProps<T> & { key: string }) => ReactNode

/** Keeps the rows in sight where they are when others come in front of them; `onShift` is told by how many. */
function useAnchor<T>(pane: { readonly current: HTMLElement | null }, rows: readonly T[], rowKey: (row: T) => string, height: number, onShift: (by: number) => void) {
  const before = useRef(rows)
  useLayoutEffect(() => {
    const old = before.current
    before.current = rows
    const el = pane.current
    const first = old[0]
    if (!el || first === undefined || old === rows || rows[0] === undefined || rowKey(rows[0]) === rowKey(first)) return
    const shift = rows.findIndex((r) => rowKey(r) === rowKey(first))
    if (shift <= 0) return
    onShift(shift)
    if (el.scrollTop > 0) el.scrollTop += shift * height
  })
}

function Heading<T>({ column: c, sort, onSort }: { column: Column<T>; sort?: Sort; onSort?: (sort: Sort) => void }) {
  return (
    <div role="columnheader" aria-sort={ariaSort(c, sort)} className={cx('min-w-0 text-xs font-medium text-muted', c.align === 'right' && 'text-right')}>
      <HeadingText column={c} sort={sort} onSort={onSort} />
    </div>
  )
}

/** The column's name, as a button where the column sorts. */
function HeadingText<T>({ column: c, sort, onSort }: { column: Column<T>; sort?: Sort; onSort?: (sort: Sort) => void }) {
  const at = ariaSort(c, sort)
  if (!c.sort || !onSort) return <span className="inline-flex h-8 max-w-full items-center truncate">{c.name || <span className="sr-only">Actions</span>}</span>
  const Arrow = at === 'descending' ? ArrowDown : ArrowUp
  return (
    <button
      type="button"
      onClick={() => onSort(at === 'ascending' ? '-' + c.id : c.id)}
      className={cx('group inline-flex h-8 max-w-full items-center gap-1 hover:text-ink', at !== 'none' && 'text-ink', c.align === 'right' && 'flex-row-reverse')}
    >
      <span className="truncate">{c.name}</span>
      <Arrow className={cx('size-3 shrink-0', at === 'none' && 'opacity-0 group-hover:opacity-60')} aria-hidden />
    </button>
  )
}

function ariaSort<T>(c: Column<T>, sort: Sort | undefined): 'ascending' | 'descending' | 'none' | undefined {
  if (!c.sort) return undefined
  return sort === c.id ? 'ascending' : sort === '-' + c.id ? 'descending' : 'none'
}

function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], sort: Sort | undefined): readonly T[] {
  if (!sort) return rows
  const down = sort.startsWith('-')
  const by = columns.find((c) => c.id === (down ? sort.slice(1) : sort))?.sort
  if (!by) return rows
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a) ?? null, by(b) ?? null]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'en', { numeric: true })
    return down ? -order : order
  })
}

/** A text that its column has no room for is whole on hover. */
function tellWhole(e: MouseEvent<HTMLElement>) {
  for (let el: Element | null = e.target as Element; el && el !== e.currentTarget; el = el.parentElement) {
    if (!(el instanceof HTMLElement) || !el.classList.contains('truncate') || (el.title && !el.dataset.told)) continue
    el.title = el.scrollWidth > el.clientWidth ? el.innerText : ''
    el.dataset.told = 'true'
  }
}

/** A click on a link or a control in a row is not one on the row. */
function fromControl(target: EventTarget): boolean {
  return target instanceof Element && Boolean(target.closest('a, button, input, label, [role=menuitem]'))
}

const widths = { md: '52rem', lg: '68rem', xl: '84rem' } // as in tokens.css

/** The columns that the window has room for. */
export function useColumns<T>(columns: readonly Column<T>[]) {
  const [room, setRoom] = useState(fits)
  useEffect(() => {
    const update = () => setRoom((old) => (old === fits() ? old : fits()))
    window.addEventListener('resize', update)
    return () => window.removeEventListener('resize', update)
  }, [])
  return useMemo(() => {
    const shown = columns.filter((c) => !c.from || room.includes(c.from))
    return { shown, template: shown.map((c) => c.width).join(' ') }
  }, [columns, room])
}

/** The names of the layouts that the window is wide enough for. */
function fits(): string {
  return Object.entries(widths)
    .filter(([, width]) => window.matchMedia(`(width >= ${width})`).matches)
    .map(([name]) => name)
    .join(' ')
}

/** A token's length in pixels; it changes with density and window. */
function useRowHeight(token: string): number {
  const [height, setHeight] = useState(() => measure(token))
  useEffect(() => {
    const update = () => setHeight(measure(token))
    update()
    const watch = new MutationObserver(update)
    watch.observe(document.documentElement, { attributeFilter: ['data-density'] })
    window.addEventListener('resize', update)
    return () => {
      watch.disconnect()
      window.removeEventListener('resize', update)
    }
  }, [token])
  return height
}

function measure(token: string): number {
  const root = getComputedStyle(document.documentElement)
  return parseFloat(root.getPropertyValue(token)) * parseFloat(root.fontSize)
}

/** A table of few rows, as high as they are, within a page or a panel. */
export function PlainTable<T>(props: Pick<TableProps<T>, 'label' | 'columns' | 'rows' | 'rowKey' | 'sort' | 'onSort'>) {
  const { shown } = useColumns(props.columns)
  const rows = useMemo(() => sorted(props.rows, props.columns, props.sort), [props.rows, props.columns, props.sort])
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={props.label}>
      <table aria-label={props.label} className="w-full border-collapse text-left text-sm">
        <thead>
          <tr className="border-b border-line">
            {shown.map((c) => (
              <th key={c.id} scope="col" style={{ width: c.width.includes('fr') ? undefined : c.width }} aria-sort={ariaSort(c, props.sort)} className={cx('px-2 text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4', c.align === 'right' && 'text-right')}>
                <HeadingText column={c} sort={props.sort} onSort={props.onSort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody onMouseOver={tellWhole}>
          {rows.map((row) => (
            <tr key={props.rowKey(row)} className="border-b border-line last:border-0 hover:bg-hover">
              {shown.map((c) => (
                <td key={c.id} className={cx('h-(--row) px-2 py-1 first:pl-4 last:pr-4', c.align === 'right' && 'num text-right')}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

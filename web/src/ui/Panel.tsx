import { Inbox, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './Button'
import { cx } from './cx'

/** How wide a page gets: lists take all there is, forms what reads well. A page's header and body have the same. */
const widths = { full: '', widest: 'max-w-7xl', wide: 'max-w-6xl', text: 'max-w-4xl', form: 'max-w-3xl' }
type Width = keyof typeof widths

/** A page's title with what can be done on it. `above` is the way back to a list; `children` stand below: filters. */
export function PageHeader(props: { title: ReactNode; above?: ReactNode; about?: ReactNode; actions?: ReactNode; width?: Width; children?: ReactNode }) {
  return (
    <header className={cx('page-pad flex shrink-0 flex-col gap-3 pt-4 pb-3 md:pt-5', widths[props.width ?? 'full'])}>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-48">
          {props.above && <div className="mb-0.5 text-sm text-muted">{props.above}</div>}
          <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{props.title}</h1>
          {props.about && <div className="mt-0.5 max-w-3xl text-muted">{props.about}</div>}
        </div>
        {props.actions && <div className="flex flex-wrap items-center gap-2">{props.actions}</div>}
      </div>
      {props.children}
    </header>
  )
}

/** A page that scrolls as a whole, at a width that reads well. */
export function PageBody({ children, width = 'wide', className }: { children: ReactNode; width?: Width; className?: string }) {
  return <div className={cx('page-pad flex flex-col gap-6 pb-12', widths[width], className)}>{children}</div>
}

/** A framed part of a page. */
export function Panel(props: { title?: ReactNode; about?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean; className?: string }) {
  return (
    <section className={cx('min-w-0 rounded-lg border border-line bg-surface', props.className)}>
      {props.title && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2.5">
          <div className="min-w-0">
            <h2 className="font-semibold">{props.title}</h2>
            {props.about && <p className="text-sm text-muted">{props.about}</p>}
          </div>
          {props.actions && <div className="flex items-center gap-2">{props.actions}</div>}
        </div>
      )}
      <div className={props.flush ? '' : 'p-4'}>{props.children}</div>
    </section>
  )
}

/** A number with its name. */
export function Stat({ label, children, note }: { label: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="num mt-0.5 text-lg font-semibold break-words">{children}</dd>
      {note && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  )
}

/** Stats beside each other. */
export function Stats({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-[repeat(auto-fit,minmax(6.5rem,1fr))]">{children}</dl>
}

/** Facts: names and values in two columns. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,max-content)_1fr] items-baseline gap-x-6 gap-y-1.5 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Nothing is there yet, or nothing matches: what that means and what to do. */
export function EmptyState(props: { icon?: LucideIcon; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  const Icon = props.icon ?? Inbox
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <Icon className="size-7 text-muted" strokeWidth={1.5} aria-hidden />
      <div className="font-medium">{props.title}</div>
      {props.children && <div className="max-w-md text-sm text-muted">{props.children}</div>}
      {props.action && <div className="mt-2">{props.action}</div>}
    </div>
  )
}

/** Something failed: what, and again. */
export function ErrorState({ error, onRetry, title = 'This could not be loaded' }: { error: unknown; onRetry?: () => void; title?: string }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <TriangleAlert className="size-7 text-bad" strokeWidth={1.5} aria-hidden />
      <p className="font-medium">{title}</p>
      <p className="max-w-xl text-sm break-words text-muted">{error instanceof Error ? error.message : String(error)}</p>
      {onRetry && (
        <Button className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** The same where it is part of something that did not fail. */
export function FailedNote({ error, onRetry, what, className }: { error: Error; onRetry: () => void; what: string; className?: string }) {
  return (
    <Note kind="bad" className={cx('flex flex-wrap items-center justify-between gap-2', className)}>
      <span className="min-w-0 break-words">
        {what} could not be loaded: {error.message}
      </span>
      <Button small onClick={onRetry}>
        Try again
      </Button>
    </Note>
  )
}

/** Holds the place of what is being loaded. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('animate-pulse rounded-md bg-line', className ?? 'h-4 w-full')} />
}

/** A few words that are being loaded, in a line of text. */
export function SkeletonText() {
  return (
    <span className="flex h-[1lh] items-center">
      <Skeleton className="h-3.5 w-28" />
    </span>
  )
}

/** Lines that are being loaded. */
export function SkeletonLines({ lines = 6 }: { lines?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3">
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className={cx('h-4', ['w-3/4', 'w-full', 'w-5/6'][i % 3])} />
      ))}
    </div>
  )
}

/** A remark within a page: a warning, a secret that is shown once. */
export function Note({ kind = 'info', children, className }: { kind?: 'info' | 'good' | 'warn' | 'bad'; children: ReactNode; className?: string }) {
  const tones = { info: 'bg-sunken', good: 'bg-good-soft text-good', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' }
  return (
    <div role={kind === 'bad' ? 'alert' : undefined} className={cx('rounded-md px-3 py-2 text-sm', tones[kind], className)}>
      {children}
    </div>
  )
}

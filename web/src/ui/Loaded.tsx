import type { ReactNode } from 'react'
import { ErrorState, SkeletonLines } from './Panel'

type Question<T> = { data: T | undefined; error: unknown; refetch: () => unknown }

type Props<T> = {
  of: Question<T>
  lines?: number
  /** Around the lines: "page" for a page's own width. */
  within?: 'page' | 'panel'
  /** Holds its place in another shape than lines. */
  skeleton?: ReactNode
  /** Stands above until it is there: the header of a page whose title is in the answer. */
  head?: ReactNode
  children: (data: T) => ReactNode
}

/** What was asked for, once it is there; until then its place is held, and a failure can be tried again. */
export function Loaded<T>({ of, lines = 6, within, skeleton, head, children }: Props<T>) {
  if (of.data !== undefined) return children(of.data)
  return (
    <>
      {head}
      {of.error ? (
        <ErrorState error={of.error} onRetry={() => void of.refetch()} />
      ) : (
        (skeleton ?? (
          <div className={within === 'page' ? 'page-pad' : within === 'panel' ? 'p-4' : ''}>
            <SkeletonLines lines={lines} />
          </div>
        ))
      )}
    </>
  )
}

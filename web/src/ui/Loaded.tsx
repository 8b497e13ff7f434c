import type { ReactNode } from 'react'
import { ErrorState, SkeletonLines } from './Panel'

type Question<T> = { data: T | undefined; error: unknown; refetch: () => unknown }

/** What was asked for, once it is there; until then its place is held, and a failure can be tried again. */
export function Loaded<T>({ of, lines = 6, within, children }: { of: Question<T>; lines?: number; /** Around the lines: "page" for a page's own width. */ within?: 'page' | 'panel'; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data)
  if (of.error) return <ErrorState error={of.error} onRetry={() => void of.refetch()} />
  return (
    <div className={within === 'page' ? 'page-pad' : within === 'panel' ? 'p-4' : ''}>
      <SkeletonLines lines={lines} />
    </div>
  )
}

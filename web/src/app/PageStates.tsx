import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiError } from '@/lib/api'
import { ErrorState, PageHeader, SkeletonLines } from '@/ui/Panel'
import { usePageTitle } from './title'

/** A page whose code or data is on its way. */
export function PagePending() {
  const title = usePageTitle()
  return (
    <>
      {title && <PageHeader title={title} />}
      <div className="page-pad max-w-3xl">
        <SkeletonLines />
      </div>
    </>
  )
}

/**
 * A page that failed; the frame around it still works. When it failed because the session ended elsewhere, one signs in
 * again: by loading the app anew, so that nothing of what was loaded before stays.
 */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const ended = error instanceof ApiError && error.status === 401
  useEffect(() => {
    if (ended) location.assign(`/signin?${new URLSearchParams({ to: location.pathname + location.search })}`)
  }, [ended])
  if (ended) return <PagePending />
  return (
    <ErrorState
      title="This page failed"
      error={error}
      onRetry={() => {
        reset()
        void router.invalidate()
      }}
    />
  )
}

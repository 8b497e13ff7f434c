import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ErrorState, SkeletonLines } from '@/ui/Panel'

/** A page whose code or data is on its way. */
export function PagePending() {
  return (
    <div className="page-pad max-w-3xl pt-8">
      <SkeletonLines />
    </div>
  )
}

/** A page that failed; the frame around it still works. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
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

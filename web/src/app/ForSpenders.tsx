import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useSession } from '@/lib/session'
import { buttonClass } from '@/ui/Button'
import { EmptyState } from '@/ui/Panel'

/** What asks models, for those whose role may spend; others see why not, below the heading. */
export function ForSpenders({ heading, children }: { heading?: ReactNode; children: ReactNode }) {
  const { can, organization } = useSession()
  if (can('keys:write')) return children
  const models = (
    <Link to="/models" className={buttonClass()}>
      See the models
    </Link>
  )
  return (
    <>
      {heading}
      <EmptyState title="Your role does not spend" action={models}>
        Requests are paid by a key of one’s own, which the role {organization.role} does not allow. An admin can give you another.
      </EmptyState>
    </>
  )
}

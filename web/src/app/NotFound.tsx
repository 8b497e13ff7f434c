import { Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { buttonClass } from '@/ui/Button'
import { EmptyState } from '@/ui/Panel'

export function NotFound() {
  return (
    <main className="grid h-full place-items-center">
      <EmptyState
        icon={SearchX}
        title={<h1>There is no page here</h1>}
        action={
          <Link to="/" className={buttonClass()}>
            Go to the start
          </Link>
        }
      >
        The address may be mistyped, or what it named is gone.
      </EmptyState>
    </main>
  )
}

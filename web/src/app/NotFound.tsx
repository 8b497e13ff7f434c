import { Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { buttonClass } from '@/ui/Button'
import { EmptyState } from '@/ui/Panel'

export function NotFound() {
  return (
    <main className="grid h-full place-items-center">
      <EmptyState
        icon={SearchX}
        title="There is no page here"
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

import { Link } from '@tanstack/react-router'
import { useSession } from '@/lib/session'
import { allWorkspaces } from './workspace'

type Narrowed = { key?: string[]; member?: string[]; model?: string[] }

/** The way to what somebody or something did: the requests, and what they add up to. */
export function Traces({ of }: { of: Narrowed }) {
  const { can } = useSession()
  if (!can('money:read')) return null
  const search = { ...of, workspace: allWorkspaces }
  const look = 'text-accent hover:underline'
  return (
    <p className="flex gap-4 text-sm">
      <Link to="/activity" search={{ ...search, period: '30d' }} className={look}>
        Activity
      </Link>
      <Link to="/logs" search={search} className={look}>
        Requests
      </Link>
    </p>
  )
}

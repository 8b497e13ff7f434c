import { useQuery } from '@tanstack/react-query'
import { membersQuery } from './queries'
import { nameOf } from './roles'
import { useSession } from './session'

/** Names who did something, as the API says it: a member's id, a management key's hash, or the socket. */
export function useActors(): (actor: string | null | undefined) => string {
  const { can } = useSession()
  const { data: members = [] } = useQuery({ ...membersQuery, enabled: can('members:read') })
  return (actor) => {
    if (!actor) return 'not known'
    if (actor === 'socket') return 'the data directory’s owner'
    const member = members.find((m) => m.id === actor)
    if (member) return nameOf(member)
    return /^[0-9a-f]{64}$/.test(actor) ? `key ${actor.slice(0, 8)}…` : actor
  }
}

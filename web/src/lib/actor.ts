import { useQuery } from '@tanstack/react-query'
import { membersQuery } from './queries'
import { nameOf } from './roles'
import { useSession } from './session'

/** Names who did something, as the API says it: a member's id, a management key's hash, or the socket. */
export function useActors(): (actor: string | null | undefined) => string {
  const { can } = useSession()
  const { data: members = [] } = useQuery({ ...membersQuery, enabled: can('members:read') })
  return (actor) => {
    const member = members.find((m) => m.id === actor)
    return member ? nameOf(member) : actorName(actor)
  }
}

/** Names who is no member. */
export function actorName(actor: string | null | undefined): string {
  if (!actor) return 'not known'
  if (actor === 'socket') return 'the data directory’s owner'
  return /^[0-9a-f]{64}$/.test(actor) ? `key ${actor.slice(0, 8)}…` : actor
}

import { useQuery } from '@tanstack/react-query'
import { membersQuery } from './queries'
import { nameOf } from './roles'
import { useSession } from './session'

type Actor = string | null | undefined

/** Names who did something, as the API says it: a member's id, a management key's hash, or the socket. Members are asked for where `all` have others than oneself. */
export function useActors(all: readonly Actor[]): (actor: Actor) => string {
  const { can, member_id, person } = useSession()
  const others = all.some((a) => a && a !== member_id && actorName(a) === a)
  const { data: members = [] } = useQuery({ ...membersQuery, enabled: others && can('members:read') })
  return (actor) => {
    if (actor === member_id) return person.name || person.email
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

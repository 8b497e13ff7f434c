import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { nextOffset, whole } from '@/lib/paging'
import { membersQuery } from '@/lib/queries'
import type { Role } from '@/lib/roles'

export type Member = Schemas['Member']
export type Invitation = Schemas['Invitation']
export type MemberChange = Schemas['MemberChange']

/** The organisation's members, a hundred at a time. */
export const membersPagesQuery = infiniteQueryOptions({
  queryKey: [...membersQuery.queryKey, 'pages'],
  initialPageParam: 0,
  queryFn: ({ pageParam: offset }) => ask(api.GET('/organization/members', { params: { query: { offset, limit: 100 } } })),
  getNextPageParam: nextOffset,
})

/** Invitations that nobody has accepted yet. */
export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async () => (await ask(api.GET('/organization/invitations', { params: { query: { limit: whole } } }))).data,
})

/** Where a member is signed in to this organisation. */
export const memberSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...membersQuery.queryKey, id, 'sessions'],
    queryFn: async () => (await ask(api.GET('/organization/members/{id}/sessions', { params: { path: { id }, query: { limit: whole } } }))).data,
  })

export function useMemberActions() {
  const client = useQueryClient()
  const path = (id: string) => ({ params: { path: { id } } })
  const members = () => client.invalidateQueries({ queryKey: membersQuery.queryKey })
  const invitations = () => client.invalidateQueries({ queryKey: invitationsQuery.queryKey })
  return {
    change: async (id: string, body: MemberChange) => {
      await ask(api.PATCH('/organization/members/{id}', { ...path(id), body }))
      await members()
    },
    remove: async (id: string) => {
      await ask(api.DELETE('/organization/members/{id}', path(id)))
      await members()
    },
    /** Ends one session of a member, or all. */
    signOut: async (id: string, session?: string) => {
      await ask(session ? api.DELETE('/organization/members/{id}/sessions/{session}', { params: { path: { id, session } } }) : api.DELETE('/organization/members/{id}/sessions', path(id)))
      await client.invalidateQueries({ queryKey: memberSessionsQuery(id).queryKey })
    },
    invite: async (email: string, role: Role, workspaces: string[]) => {
      const { data } = await ask(api.POST('/organization/invitations', { body: { email, role, workspace_ids: workspaces.length ? workspaces : null } }))
      await invitations()
      return data
    },
    withdraw: async (id: string) => {
      await ask(api.DELETE('/organization/invitations/{id}', path(id)))
      await invitations()
    },
  }
}

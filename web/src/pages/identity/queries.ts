import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { whole } from '@/lib/paging'

export type Identity = Schemas['Identity']
export type Provider = Schemas['Vouching']
export type Group = Schemas['ScimGroup']
export type Mapping = Schemas['GroupMapping']
export type Policy = Omit<Schemas['FederationPolicy'], 'key'> // the key is a page of its own
export type PolicyChange = Schemas['FederationPolicyChange']

export const identityQuery = queryOptions({
  queryKey: ['identity'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/organization/identity'))).data,
})

const all = { params: { query: { limit: whole } } }

/** Groups that the identity provider keeps, the first all. */
export const groupsQuery = queryOptions({
  queryKey: ['identity', 'groups'],
  queryFn: async () => (await ask(api.GET('/scim/groups', all))).data,
})

/** Into which workspaces groups put their members. */
export const mappingsQuery = queryOptions({
  queryKey: ['identity', 'mappings'],
  queryFn: async () => (await ask(api.GET('/scim/group-mappings', all))).data,
})

export const policiesQuery = queryOptions({
  queryKey: ['identity', 'policies'],
  queryFn: async () => (await ask(api.GET('/oauth/federation-policies', all))).data,
})

/** What can be done here; each reads anew what it changes. */
export function useIdentityActions() {
  const client = useQueryClient()
  const path = (id: string) => ({ path: { id } })
  const again = ({ queryKey }: { queryKey: readonly string[] }) => client.invalidateQueries({ queryKey })
  return {
    /** A key for the identity provider: nobody's, so that it outlives whoever makes it. */
    makeToken: async () => {
      const made = await ask(api.POST('/keys', { body: { name: 'SCIM', is_management_key: true, role: 'admin', creator_user_id: null } }))
      await client.invalidateQueries({ queryKey: ['keys'] })
      return made.key
    },
    map: async (body: Pick<Mapping, 'scim_group_id' | 'workspace_id' | 'role'>) => {
      await ask(api.POST('/scim/group-mappings', { body }))
      await again(mappingsQuery)
    },
    unmap: async (id: string) => {
      await ask(api.DELETE('/scim/group-mappings/{id}', { params: { ...path(id), query: { keep_members: false } } }))
      await again(mappingsQuery)
    },
    makePolicy: async (body: PolicyChange) => {
      await ask(api.POST('/oauth/federation-policies', { body }))
      await again(policiesQuery)
    },
    switchPolicy: async (id: string, disabled: boolean) => {
      await ask(api.PATCH('/oauth/federation-policies/{id}', { params: path(id), body: { disabled } }))
      await again(policiesQuery)
    },
    removePolicy: async (id: string) => {
      await ask(api.DELETE('/oauth/federation-policies/{id}', { params: path(id) }))
      await again(policiesQuery)
    },
  }
}

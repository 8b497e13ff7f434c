// What several pages read. A page's own questions are in its folder.
import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from './api'
import { whole } from './paging'

export type Model = Omit<Schemas['Model'], 'per_request_limits' | 'supported_voices'> // these are always null
export type Workspace = Schemas['Workspace']
export type Provider = Schemas['Provider']
export type Member = Schemas['Member']

/** All models that can be used now, of every kind of output; with `all` also those that something is missing for. */
export const modelsQuery = (all = false) =>
  queryOptions({
    queryKey: ['models', { all }],
    staleTime: 60_000,
    queryFn: async () => (await ask(api.GET('/models', { params: { query: { output_modalities: 'all', all } } }))).data,
  })

export const providersQuery = (all = false) =>
  queryOptions({
    queryKey: ['providers', { all }],
    staleTime: 60_000,
    queryFn: async () => (await ask(api.GET('/providers', { params: { query: { all } } }))).data,
  })

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/workspaces', { params: { query: { limit: whole } } }))).data,
})

/** The keys of a workspace that work, for choosing some. */
export const keysQuery = (workspace: string | undefined) =>
  queryOptions({
    queryKey: ['keys', { workspace, management: false, enabled: true }],
    queryFn: async () => (await ask(api.GET('/keys', { params: { query: { workspace_id: workspace } } }))).data,
  })

/** The first thousand members, for choosing one and for names. */
export const membersQuery = queryOptions({
  queryKey: ['members'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/organization/members', { params: { query: { limit: whole } } }))).data,
})

export const organizationQuery = queryOptions({
  queryKey: ['organization'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/organization'))).data,
})

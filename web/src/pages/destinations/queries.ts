import { queryOptions } from '@tanstack/react-query'
import { useAfter } from '@/lib/after'
import { api, ask, type Schemas } from '@/lib/api'
import { workspacesQuery } from '@/lib/queries'
import { whole } from '@/lib/paging'

export type Destination = Schemas['Destination']
export type DestinationChange = Schemas['DestinationChange']

export const destinationsQuery = (workspace: string | undefined) =>
  queryOptions({
    queryKey: ['destinations', { workspace }],
    queryFn: async () => (await ask(api.GET('/observability/destinations', { params: { query: { workspace_id: workspace, limit: whole } } }))).data,
  })

/** What destinations can be, and the values that each is configured with. */
export const typesQuery = queryOptions({
  queryKey: ['destinations', 'types'],
  staleTime: Infinity,
  queryFn: async () => (await ask(api.GET('/observability/types'))).data,
})

export function useDestinationActions() {
  const after = useAfter(['destinations'])
  const afterWorkspace = useAfter(workspacesQuery.queryKey)
  const path = (id: string) => ({ params: { path: { id } } })
  return {
    create: async (body: DestinationChange & { type: string; name: string; config: object; workspace_id?: string }) => (await after(ask(api.POST('/observability/destinations', { body })))).data,
    change: async (id: string, body: DestinationChange) => (await after(ask(api.PATCH('/observability/destinations/{id}', { ...path(id), body })))).data,
    test: async (id: string) => (await after(ask(api.POST('/observability/destinations/{id}/test', path(id))))).data,
    remove: (id: string) => after(ask(api.DELETE('/observability/destinations/{id}', path(id)))),
    /** Whether destinations of a workspace get its requests at all. */
    tell: (workspace: string, on: boolean) => afterWorkspace(ask(api.PATCH('/workspaces/{id}', { ...path(workspace), body: { is_observability_broadcast_enabled: on } }))),
  }
}

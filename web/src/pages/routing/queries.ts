import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { type Workspace, workspacesQuery } from '@/lib/queries'

export type Explained = Schemas['RoutingPreview']
export type Order = NonNullable<Workspace['default_provider_sort']>

export type Question = { model: string; sort?: Order; zdr?: boolean; tools?: boolean; key?: string; workspace?: string; text?: string }

/** Where a request would go. Nothing is sent to a provider. */
export const explainQuery = (q: Question) =>
  queryOptions({
    queryKey: ['routing', q],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const provider = { ...(q.sort ? { sort: q.sort } : {}), ...(q.zdr ? { zdr: true } : {}) }
      const body = {
        model: q.model,
        ...(q.text ? { messages: [{ role: 'user' as const, content: q.text }] } : {}),
        ...(Object.keys(provider).length ? { provider } : {}),
        ...(q.tools ? { tools: [{ type: 'function' as const, function: { name: 'look_up', parameters: { type: 'object' } } }] } : {}),
        ...(q.key ? { key: q.key } : { workspace_id: q.workspace }),
      }
      return (await ask(api.POST('/routing/explain', { body: body as never, signal }))).data
    },
  })

export function useSetOrder() {
  const client = useQueryClient()
  return async (id: string, order: Order | null) => {
    await ask(api.PATCH('/workspaces/{id}', { params: { path: { id } }, body: { default_provider_sort: order } }))
    await Promise.all([client.invalidateQueries({ queryKey: workspacesQuery.queryKey, exact: true }), client.invalidateQueries({ queryKey: ['routing'] })])
  }
}

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { useAfter } from '@/lib/after'
import { api, ask, type Schemas } from '@/lib/api'
import { workspacesQuery } from '@/lib/queries'
import type { Interval } from './intervals'
import { whole } from '@/lib/paging'

export type Budget = Schemas['Budget']
export type WorkspaceMember = Schemas['WorkspaceMember']
export type WorkspaceChange = Schemas['WorkspaceChange']

export const budgetsQuery = (id: string) =>
  queryOptions({
    queryKey: ['workspaces', id, 'budgets'],
    queryFn: () => ask(api.GET('/workspaces/{id}/budgets', { params: { path: { id } } })),
  })

/** What requests of a workspace cost from a moment on. */
const spentSince = async (id: string, start: Date) => {
  const { data } = await ask(
    api.POST('/analytics/query', {
      body: { metrics: ['total_usage'], filters: [{ field: 'workspace', operator: 'eq', value: id }], time_range: { start: start.toISOString(), end: new Date(Date.now() + 60_000).toISOString() }, granularity: 'day' },
    }),
  )
  return data.data.map((r) => ({ day: String(r.date__day).slice(0, 10), usage: Number(r.total_usage ?? 0) }))
}

/** What a workspace spent on each day of its life. */
export const spentQuery = (id: string, created: string) =>
  queryOptions({
    queryKey: ['workspaces', id, 'spent'],
    queryFn: () => spentSince(id, new Date(created)),
  })

export const workspaceMembersQuery = (id: string) =>
  queryOptions({
    queryKey: ['workspaces', id, 'members'],
    queryFn: async () => (await ask(api.GET('/workspaces/{id}/members', { params: { path: { id }, query: { limit: whole } } }))).data,
  })

export function useWorkspaceActions() {
  const client = useQueryClient()
  const after = useAfter(workspacesQuery.queryKey)
  const path = (id: string) => ({ params: { path: { id } } })
  return {
    create: async (body: WorkspaceChange) => (await after(ask(api.POST('/workspaces', { body })))).data,
    change: (id: string, body: WorkspaceChange) => after(ask(api.PATCH('/workspaces/{id}', { ...path(id), body }))),
    remove: async (id: string) => {
      await ask(api.DELETE('/workspaces/{id}', path(id)))
      await client.invalidateQueries({ queryKey: workspacesQuery.queryKey, exact: true }) // what was asked of this one is gone
    },
    setBudget: (id: string, interval: Interval, limit_usd: number, include_byok_in_budgets: boolean) =>
      after(ask(api.PUT('/workspaces/{id}/budgets/{interval}', { params: { path: { id, interval } }, body: { limit_usd, include_byok_in_budgets } }))),
    removeBudget: (id: string, interval: Interval) => after(ask(api.DELETE('/workspaces/{id}/budgets/{interval}', { params: { path: { id, interval } } }))),
    addMembers: (id: string, user_ids: string[]) => after(ask(api.POST('/workspaces/{id}/members/add', { ...path(id), body: { user_ids } }))),
    removeMembers: (id: string, user_ids: string[]) => after(ask(api.POST('/workspaces/{id}/members/remove', { ...path(id), body: { user_ids } }))),
  }
}

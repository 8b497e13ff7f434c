import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { nextOffset } from '@/lib/paging'

export type Key = Omit<Schemas['Key'], 'external_user'>
export type ReportedKey = Schemas['ReportedKey']
export type NewKey = Schemas['NewKey']
export type KeyChange = Schemas['KeyChange']

/** The keys of a workspace, those that are disabled too, a thousand at a time. */
export const keysQuery = (workspace: string | undefined, management: boolean) =>
  infiniteQueryOptions({
    queryKey: ['keys', { workspace, management }],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset }) => ask(api.GET('/keys', { params: { query: { include_disabled: true, workspace_id: workspace, management, offset } } })),
    getNextPageParam: nextOffset,
  })

/** Keys that somebody should look at, a hundred at a time. */
export const reportQuery = infiniteQueryOptions({
  queryKey: ['keys', 'report'],
  initialPageParam: 0,
  queryFn: ({ pageParam: offset }) => ask(api.GET('/keys/report', { params: { query: { offset, limit: 100 } } })),
  getNextPageParam: nextOffset,
})

/** What a key spent on each of the last 30 days, as unix seconds and dollars. */
export const spendQuery = (hash: string) =>
  queryOptions({
    queryKey: ['keys', hash, 'spend'],
    queryFn: async () => {
      const end = new Date()
      const start = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth(), end.getUTCDate() - 29))
      const { data } = await ask(
        api.POST('/analytics/query', {
          body: {
            metrics: ['total_usage', 'request_count'],
            granularity: 'day',
            filters: [{ field: 'api_key_id', operator: 'eq', value: hash }],
            time_range: { start: start.toISOString(), end: end.toISOString() },
          },
        }),
      )
      return daily(start, data.data)
    },
  })

/** A row for each day, those without requests too. */
function daily(start: Date, rows: readonly Record<string, unknown>[]) {
  const found = new Map(rows.map((r) => [String(r.date__day).slice(0, 10), r]))
  return Array.from({ length: 30 }, (_, i) => {
    const at = start.getTime() / 1000 + i * 86_400
    const row = found.get(new Date(at * 1000).toISOString().slice(0, 10))
    return { at, usage: Number(row?.total_usage ?? 0), requests: Number(row?.request_count ?? 0) }
  })
}

/** What can be done with keys; each reads the lists anew when it is done. */
export function useKeyActions() {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['keys'] })
  const path = (hash: string) => ({ params: { path: { hash } } })
  return {
    create: async (body: NewKey) => {
      const made = await ask(api.POST('/keys', { body }))
      await refresh()
      return made
    },
    change: async (hash: string, body: KeyChange) => {
      const { data } = await ask(api.PATCH('/keys/{hash}', { ...path(hash), body }))
      await refresh()
      return data
    },
    rotate: async (hash: string, overlap: number) => {
      const made = await ask(api.POST('/keys/{hash}/rotate', { ...path(hash), body: { overlap_seconds: overlap } }))
      await refresh()
      return made
    },
    remove: async (hash: string) => {
      await ask(api.DELETE('/keys/{hash}', path(hash)))
      await refresh()
    },
  }
}

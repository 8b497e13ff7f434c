import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { whole } from '@/lib/paging'

export type Credential = Schemas['Credential']
export type CredentialChange = Schemas['CredentialChange']
export type NewCredential = Schemas['NewCredential']

/** The credentials that may be used in a workspace, in the order that they are tried. */
export const credentialsQuery = (workspace: string | undefined) =>
  queryOptions({
    queryKey: ['byok', { workspace }],
    queryFn: async () => (await ask(api.GET('/byok', { params: { query: { workspace_id: workspace, limit: whole } } }))).data,
  })

/** What each provider was used for with own keys in the last 30 days, at list price, by its name. */
export const usageQuery = queryOptions({
  queryKey: ['byok', 'usage'],
  staleTime: 60_000,
  queryFn: async () => {
    const end = new Date()
    const { data } = await ask(
      api.POST('/analytics/query', {
        body: {
          metrics: ['byok_usage_inference', 'request_count'],
          dimensions: ['provider'],
          filters: [{ field: 'is_byok', operator: 'eq', value: 'true' }],
          time_range: { start: new Date(end.getTime() - 30 * 86_400_000).toISOString(), end: end.toISOString() },
        },
      }),
    )
    return new Map(data.data.map((r) => [String(r.provider), { usage: Number(r.byok_usage_inference ?? 0), requests: Number(r.request_count ?? 0) }]))
  },
})

export function useCredentialActions() {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['byok'] })
  const path = (id: string) => ({ params: { path: { id } } })
  const test = async (id: string) => {
    const { data } = await ask(api.POST('/byok/{id}/test', path(id)))
    await refresh()
    return data
  }
  return {
    create: async (body: NewCredential) => (await ask(api.POST('/byok', { body }))).data,
    change: async (id: string, body: CredentialChange) => {
      await ask(api.PATCH('/byok/{id}', { ...path(id), body }))
      await refresh()
    },
    test,
    remove: async (id: string) => {
      await ask(api.DELETE('/byok/{id}', path(id)))
      await refresh()
    },
    /** Puts credentials into this order, each in its section; only those that moved are written. */
    arrange: async (order: readonly Placed[]) => {
      const numbers = distinct(order.map((p) => p.credential.sort_order).sort((a, b) => a - b))
      const moved = order.flatMap(({ credential: c, fallback }, i) => (numbers[i] === c.sort_order && fallback === c.is_fallback ? [] : [{ id: c.id, sort_order: numbers[i], is_fallback: fallback }]))
      try {
        for (const { id, ...body } of moved) await ask(api.PATCH('/byok/{id}', { ...path(id), body }))
      } finally {
        await refresh()
      }
    },
  }
}

export type Placed = { credential: Credential; fallback: boolean }

/** The same numbers, each greater than the one before. */
export function distinct(numbers: number[]): number[] {
  const out: number[] = []
  for (const n of numbers) out.push(Math.max(n, (out.at(-1) ?? -Infinity) + 1))
  return out
}

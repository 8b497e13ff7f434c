import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { nextOffset } from '@/lib/paging'

export type Transfer = Schemas['Transfer']

export const creditsQuery = queryOptions({
  queryKey: ['credits'],
  queryFn: async () => (await ask(api.GET('/credits'))).data,
})

/** What moved credit besides requests, the newest first, a hundred at a time. */
export const transfersQuery = infiniteQueryOptions({
  queryKey: ['credits', 'history'],
  initialPageParam: 0,
  queryFn: ({ pageParam: offset }) => ask(api.GET('/credits/history', { params: { query: { offset, limit: 100 } } })),
  getNextPageParam: nextOffset,
})

export function useGrant() {
  const client = useQueryClient()
  return async (amount: number, note: string, ref: string) => {
    await ask(api.POST('/credits/grant', { body: { amount, note: note || null, ref } }))
    await client.invalidateQueries({ queryKey: creditsQuery.queryKey })
  }
}

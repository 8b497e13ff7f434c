import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import type { LogSearch } from './route'
import { spans } from './spans'

export type LogRow = Schemas['LogRow']
export type Facets = Record<'model' | 'provider' | 'endpoint' | 'api_key_hash' | 'user_id' | 'workspace_id' | 'app' | 'api_type' | 'outcome', Schemas['LogFacet'][]>

/** What the log is narrowed to, in the API's words. */
export type LogFilter = ReturnType<typeof filterOf>

/** A URL's filter; `last` is counted from `now`, in milliseconds. */
export function filterOf(s: LogSearch, workspace: string | undefined, now: number) {
  return {
    q: s.q,
    from: s.last ? new Date(now - spans[s.last]).toISOString() : s.from,
    to: s.last ? undefined : s.to,
    status: s.status,
    model: s.model,
    provider: s.provider,
    endpoint: s.endpoint,
    api_key_hash: s.key,
    user_id: s.member,
    app: s.app,
    outcome: s.outcome,
    session_id: s.session ? [s.session] : undefined,
    external_user: s.user ? [s.user] : undefined,
    streamed: s.streamed && s.streamed === 'yes',
    min_cost: s.cost,
    min_latency: s.latency,
    workspace_id: workspace ? [workspace] : undefined,
  }
}

const pageSize = 200
const mostFollowed = 10_000 // rows that came while the log was followed

async function page(filter: LogFilter, cursor: { before?: string; after?: string }) {
  return ask(
    api.GET('/generations', {
      params: { query: { ...filter, ...cursor, limit: pageSize } },
      querySerializer: { array: { style: 'form', explode: true } }, // a value may have a comma
    }),
  )
}

/** The log, page by page into the past. */
export const logQuery = (filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ['generations', 'log', filter],
    staleTime: Infinity, // it grows at its front alone, see tailQuery
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => page(filter, { before: pageParam }),
    getNextPageParam: (last) => last.before ?? undefined,
    placeholderData: keepPreviousData,
  })

/** What followed the log's first page, the newest first. `fresh` are the ids of what the last look that found any found. */
export type Tail = { rows: LogRow[]; after: string; fresh: readonly string[] }

/** Asks for what followed, each time anew from where it stopped. */
export const tailQuery = (client: QueryClient, filter: LogFilter, newest: string) => {
  const queryKey = ['generations', 'tail', filter, newest]
  return queryOptions({
    queryKey,
    staleTime: Infinity,
    queryFn: async (): Promise<Tail> => {
      const old = client.getQueryData<Tail>(queryKey) ?? { rows: [], after: newest, fresh: [] }
      const { data, after } = await page(filter, { after: old.after })
      return { rows: [...data, ...old.rows].slice(0, mostFollowed), after: after ?? old.after, fresh: data.length ? data.map((r) => r.id) : old.fresh }
    },
  })
}

/** The values that the log can be narrowed to. */
export const facetsQuery = queryOptions({
  queryKey: ['generations', 'facets'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/generations/facets'))).data as Facets,
})

import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/lib/api'
import { sessionQuery } from '@/lib/session'

/** What was asked of the API, shared by all pages. */
export const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, e) => failures < 1 && !(e instanceof ApiError && e.status >= 400 && e.status < 500),
      refetchOnWindowFocus: true,
    },
  },
  queryCache: new QueryCache({
    onError: (e, query) => {
      const ended = e instanceof ApiError && e.status === 401 && query.queryKey[0] !== 'session'
      if (ended) void client.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true })
    },
  }),
})

import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'

export type Entry = Schemas['AuditEntry']

const most = 500 // entries a page

/** The log, the newest entry first. */
export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  initialPageParam: undefined as number | undefined,
  queryFn: async ({ pageParam: before }) => (await ask(api.GET('/audit', { params: { query: { before, limit: most } } }))).data,
  getNextPageParam: (page) => (page.length === most ? page.at(-1)?.n : undefined),
})

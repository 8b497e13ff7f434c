import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'

type LogRow = Schemas['LogRow']

/** The newest requests, in the largest pages: sessions are found in them. */
export const requestsQuery = (workspace: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['generations', 'sessions', workspace],
    staleTime: 15_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      ask(api.GET('/generations', { params: { query: { limit: 500, before: pageParam, workspace_id: workspace ? [workspace] : undefined } } })),
    getNextPageParam: (last) => last.before ?? undefined,
  })

/** Requests that named the same session. */
export type SessionOfRequests = {
  id: string
  requests: number
  errors: number
  cost: number
  input: number
  output: number
  first: string
  last: string
  models: string[]
  apps: string[]
  keys: string[]
}

/** The sessions of the requests, that of the newest first. */
export function sessionsOf(rows: readonly LogRow[]): SessionOfRequests[] {
  const by = new Map<string, SessionOfRequests>()
  for (const r of rows) {
    if (r.session_id === null) continue
    const s = by.get(r.session_id) ?? { id: r.session_id, requests: 0, errors: 0, cost: 0, input: 0, output: 0, first: r.created_at, last: r.created_at, models: [], apps: [], keys: [] }
    by.set(s.id, s)
    s.requests++
    s.errors += r.status === 'error' ? 1 : 0
    s.cost += r.total_cost
    s.input += r.tokens_prompt
    s.output += r.tokens_completion
    if (r.created_at < s.first) s.first = r.created_at
    if (r.created_at > s.last) s.last = r.created_at
    note(s.models, r.model ?? r.asked)
    note(s.apps, r.app)
    note(s.keys, r.api_key_name)
  }
  return [...by.values()]
}

function note(list: string[], value: string | null) {
  if (value && !list.includes(value)) list.push(value)
}

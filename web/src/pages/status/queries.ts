import { queryOptions } from '@tanstack/react-query'
import { analyticsQuery, timeRange } from '@/lib/analytics'
import { api, ask } from '@/lib/api'

/** How the endpoints are now, as this gateway's own calls found them. */
export const healthQuery = queryOptions({
  queryKey: ['health', 'endpoints'],
  refetchInterval: 15_000,
  queryFn: async () => (await ask(api.GET('/health/endpoints'))).data,
})

const hour = 3600

/** Requests of each hour of the last 30 days, and how many of them failed. */
export function hoursQuery() {
  const end = Math.ceil((Date.now() / 1000 + 1) / hour) * hour
  const range = { start: end - 30 * 24 * hour, end, grain: 'hour' as const }
  return { range, query: analyticsQuery({ metrics: ['request_count', 'error_count', 'fallback_count'], granularity: 'hour', time_range: timeRange(range), limit: 1000 }) }
}

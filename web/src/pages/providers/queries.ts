import { queryOptions } from '@tanstack/react-query'
import { ApiError, api, ask } from '@/lib/api'

/** A provider with the models that it serves, those that something is missing for too; null when there is none. */
export const providerQuery = (slug: string) =>
  queryOptions({
    queryKey: ['providers', slug],
    staleTime: 60_000,
    queryFn: async () => {
      try {
        return (await ask(api.GET('/providers/{slug}', { params: { path: { slug } } }))).data
      } catch (e) {
        if (e instanceof ApiError && e.status === 404) return null
        throw e
      }
    },
  })

import { queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/lib/api'

/** The models that a provider serves, those that something is missing for too. */
export const servedQuery = (slug: string) =>
  queryOptions({
    queryKey: ['providers', slug, 'models'],
    staleTime: 60_000,
    queryFn: async () => (await ask(api.GET('/models', { params: { query: { providers: slug, output_modalities: 'all', all: true } } }))).data,
  })

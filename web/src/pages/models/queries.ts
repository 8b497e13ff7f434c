import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'

export type Endpoint = Schemas['Endpoint']

/** The models page's list, narrowed by what only the gateway knows. */
export const listQuery = (f: { all?: boolean; providers?: string[]; zdr?: boolean }) =>
  queryOptions({
    queryKey: ['models', f],
    staleTime: 60_000,
    queryFn: async () =>
      (
        await ask(
          api.GET('/models', {
            params: { query: { output_modalities: 'all', all: f.all, providers: f.providers?.join(','), zdr: f.zdr ? 'true' : undefined } },
          }),
        )
      ).data,
  })

/** One model of the catalogue, usable or not. */
export const modelQuery = (author: string, slug: string) =>
  queryOptions({
    queryKey: ['model', author, slug],
    queryFn: async () => (await ask(api.GET('/model/{author}/{slug}', { params: { path: { author, slug } } }))).data,
  })

/** Who serves a model, with those that something is missing for. */
export const endpointsQuery = (author: string, slug: string) =>
  queryOptions({
    queryKey: ['model', author, slug, 'endpoints'],
    refetchInterval: 30_000,
    queryFn: async () => (await ask(api.GET('/models/{author}/{slug}/endpoints', { params: { path: { author, slug }, query: { all: true } } }))).data.endpoints,
  })

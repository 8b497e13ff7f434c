import { queryOptions } from '@tanstack/react-query'
import { useAfter } from '@/lib/after'
import { api, ask, type Schemas } from '@/lib/api'
import { whole } from '@/lib/paging'

export type OwnEndpoint = Schemas['PrivateEndpoint']
export type OwnProvider = Schemas['PrivateProvider']
export type Trial = Schemas['EndpointTrial']
export type Difference = Schemas['CatalogDifference']

export const endpointsQuery = queryOptions({
  queryKey: ['catalogue', 'endpoints'],
  queryFn: async () => (await ask(api.GET('/private-endpoints', { params: { query: { limit: whole } } }))).data,
})

export const ownProvidersQuery = queryOptions({
  queryKey: ['catalogue', 'providers'],
  queryFn: async () => (await ask(api.GET('/private-providers', { params: { query: { limit: whole } } }))).data,
})

export type PriceChange = Schemas['PriceChange']

/** The latest prices that were taken over from price lists. */
export const priceChangesQuery = queryOptions({
  queryKey: ['catalogue', 'prices'],
  queryFn: async () => ask(api.GET('/catalog/changes', { params: { query: { limit: 20 } } })),
})

export function useCatalogueActions() {
  const after = useAfter(['catalogue'], ['models'], ['providers'])
  const path = (id: string) => ({ params: { path: { id } } })
  return {
    addProvider: async (body: Schemas['NewPrivateProvider']) => (await after(ask(api.POST('/private-providers', { body })))).data,
    removeProvider: (id: string) => after(ask(api.DELETE('/private-providers/{id}', path(id)))),
    addEndpoint: async (body: Schemas['NewPrivateEndpoint']) => (await after(ask(api.POST('/private-endpoints', { body })))).data,
    refreshPrices: async (body: Schemas['CatalogRefresh']) => {
      const asked = ask(api.POST('/catalog/refresh', { body }))
      return (await (body.dry_run ? asked : after(asked))).data
    },
    removeEndpoint: (id: string) => after(ask(api.DELETE('/private-endpoints/{id}', path(id)))),
    validate: async (id: string) => (await ask(api.POST('/private-endpoints/{id}/validate', path(id)))).data,
    activate: (id: string) => after(ask(api.POST('/private-endpoints/{id}/activate', path(id)))),
    disable: (id: string) => after(ask(api.PATCH('/private-endpoints/{id}', { ...path(id), body: { status: 'disabled' } }))),
  }
}

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'

export type OwnEndpoint = Schemas['PrivateEndpoint']
export type OwnProvider = Schemas['PrivateProvider']
export type Trial = Schemas['EndpointTrial']
export type Difference = Schemas['CatalogDifference']

export const endpointsQuery = queryOptions({
  queryKey: ['catalogue', 'endpoints'],
  queryFn: async () => (await ask(api.GET('/private-endpoints', { params: { query: { limit: 100 } } }))).data,
})

export const ownProvidersQuery = queryOptions({
  queryKey: ['catalogue', 'providers'],
  queryFn: async () => (await ask(api.GET('/private-providers', { params: { query: { limit: 100 } } }))).data,
})

export function useCatalogueActions() {
  const client = useQueryClient()
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['catalogue'] }), client.invalidateQueries({ queryKey: ['models'] }), client.invalidateQueries({ queryKey: ['providers'] })])
  const after = async <T>(done: Promise<T>) => {
    const answer = await done
    await refresh()
    return answer
  }
  const path = (id: string) => ({ params: { path: { id } } })
  return {
    addProvider: async (body: Schemas['NewPrivateProvider']) => (await after(ask(api.POST('/private-providers', { body })))).data,
    removeProvider: (id: string) => after(ask(api.DELETE('/private-providers/{id}', path(id)))),
    addEndpoint: async (body: Schemas['NewPrivateEndpoint']) => (await after(ask(api.POST('/private-endpoints', { body })))).data,
    removeEndpoint: (id: string) => after(ask(api.DELETE('/private-endpoints/{id}', path(id)))),
    validate: async (id: string) => (await ask(api.POST('/private-endpoints/{id}/validate', path(id)))).data,
    activate: (id: string) => after(ask(api.POST('/private-endpoints/{id}/activate', path(id)))),
    disable: (id: string) => after(ask(api.PATCH('/private-endpoints/{id}', { ...path(id), body: { status: 'disabled' } }))),
  }
}

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { sampleKinds } from '@/lib/samples/kinds'
import { flag, list, oneOf, type Query, searchOf, text, whole } from '@/lib/search'
import { soon } from '@/lib/soon'
import { endpointsQuery, modelQuery } from './queries'

const filters = searchOf((s: Query) => ({
  q: text(s.q),
  authors: list(s.authors),
  providers: list(s.providers),
  inputs: list(s.inputs),
  outputs: list(s.outputs),
  features: list(s.features),
  context: whole(s.context),
  zdr: flag(s.zdr),
  /** Also models that cannot be used now. */
  all: flag(s.all),
  sort: text(s.sort),
  /** Models beside each other. */
  compare: list(s.compare),
  comparing: flag(s.comparing),
  /** Traffic that is priced: see trafficOf. */
  traffic: text(s.traffic),
}))

export const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  staticData: { title: 'Models' },
  validateSearch: filters,
  component: lazyRouteComponent(() => import('./ModelsPage'), 'ModelsPage'),
})

const view = searchOf((s: Query) => ({
  tab: oneOf(s.tab, ['endpoints', 'performance', 'parameters', 'api']),
  sort: text(s.sort),
  /** How far back performance is shown. */
  last: oneOf(s.last, ['24h', '7d', '30d']),
  code: oneOf(s.code, sampleKinds.map((k) => k.value)),
}))

export const modelRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models/$author/$slug',
  staticData: { title: 'Model' },
  validateSearch: view,
  loader: async ({ context: { client }, params: { author, slug }, location }) => {
    const { tab = 'endpoints' } = view(location.search as Query)
    if (tab === 'endpoints') void client.prefetchQuery(endpointsQuery(author, slug))
    await soon(client.prefetchQuery(modelQuery(author, slug)))
  },
  component: lazyRouteComponent(() => import('./ModelPage'), 'ModelPage'),
})

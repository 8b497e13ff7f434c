import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { flag, oneOf, type Query, searchOf, text } from '@/lib/search'
import { soon } from '@/lib/soon'
import { providerQuery } from './queries'

const filters = searchOf((s: Query) => ({
  q: text(s.q),
  /** Only those that are declared to do this. */
  data: oneOf(s.data, ['no-training', 'keeps-nothing']),
  /** Also those that cannot be called now. */
  all: flag(s.all),
  sort: text(s.sort),
}))

export const providersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/providers',
  staticData: { title: 'Providers' },
  validateSearch: filters,
  component: lazyRouteComponent(() => import('./ProvidersPage'), 'ProvidersPage'),
})

const view = searchOf((s: Query) => ({ sort: text(s.sort) }))

export const providerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/providers/$slug',
  staticData: { title: 'Provider' },
  validateSearch: view,
  loader: ({ context: { client }, params: { slug } }) => soon(client.prefetchQuery(providerQuery(slug))),
  component: lazyRouteComponent(() => import('./ProviderPage'), 'ProviderPage'),
})

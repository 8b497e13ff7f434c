import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { flag, oneOf, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  model: text(s.model),
  sort: oneOf(s.sort, ['price', 'throughput', 'latency', 'exacto']),
  zdr: flag(s.zdr),
  tools: flag(s.tools),
  /** Hash of the key whose request it would be. */
  key: text(s.key),
}))

export const routingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/routing',
  staticData: { title: 'Routing' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./RoutingPage'), 'RoutingPage'),
})

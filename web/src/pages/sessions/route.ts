import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({ q: text(s.q), sort: text(s.sort) }))

export const sessionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sessions',
  staticData: { title: 'Sessions' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./SessionsPage'), 'SessionsPage'),
})

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { flag, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  q: text(s.q),
  /** Only endpoints that are not as they should be. */
  troubled: flag(s.troubled),
  sort: text(s.sort),
}))

export const statusRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/status',
  staticData: { title: 'Status' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./StatusPage'), 'StatusPage'),
})

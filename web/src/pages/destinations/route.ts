import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  /** The id of the destination whose form is open, or "new". */
  destination: text(s.destination),
}))

export const destinationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/destinations',
  staticData: { title: 'Destinations' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./DestinationsPage'), 'DestinationsPage'),
})

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  /** The id of the credential whose form is open, or "new". */
  credential: text(s.credential),
  /** The provider of a new one. */
  provider: text(s.provider),
}))

export const byokRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/byok',
  staticData: { title: 'Provider keys' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./ByokPage'), 'ByokPage'),
})

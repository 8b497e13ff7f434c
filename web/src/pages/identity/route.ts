import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({
  view: oneOf(s.view, ['scim', 'workloads']),
  /** What is being made. */
  form: oneOf(s.form, ['mapping', 'policy']),
}))

export const identityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/identity',
  staticData: { title: 'Identity' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./IdentityPage'), 'IdentityPage'),
})

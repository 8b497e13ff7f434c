import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({ form: oneOf(s.form, ['new']) }))

export const organizationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/organization',
  staticData: { title: 'Organisation' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./OrganizationPage'), 'OrganizationPage'),
})

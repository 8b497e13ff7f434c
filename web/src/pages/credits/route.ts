import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({ form: oneOf(s.form, ['grant']) }))

export const creditsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/credits',
  staticData: { title: 'Credits' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./CreditsPage'), 'CreditsPage'),
})

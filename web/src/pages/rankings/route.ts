import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({
  of: oneOf(s.of, ['models', 'providers', 'apps']),
  by: oneOf(s.by, ['tokens', 'requests', 'spend']),
  days: oneOf(s.days, ['1', '7', '30']),
}))

export const rankingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rankings',
  staticData: { title: 'Rankings' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./RankingsPage'), 'RankingsPage'),
})

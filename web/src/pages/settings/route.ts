import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({ tab: oneOf(s.tab, ['profile', 'security', 'sessions']) }))

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  staticData: { title: 'Settings' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
})

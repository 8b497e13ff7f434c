import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'

export const privacyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/privacy',
  staticData: { title: 'Privacy' },
  component: lazyRouteComponent(() => import('./PrivacyPage'), 'PrivacyPage'),
})

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'

export const systemRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/system',
  staticData: { title: 'System' },
  component: lazyRouteComponent(() => import('./SystemPage'), 'SystemPage'),
})

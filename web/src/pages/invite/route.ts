import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '@/app/root-route'

export const inviteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invite',
  staticData: { title: 'Invitation' },
  component: lazyRouteComponent(() => import('./InvitePage'), 'InvitePage'),
})

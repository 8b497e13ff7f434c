import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { day, type Query, searchOf, text, whole } from '@/lib/search'

const search = searchOf((s: Query) => ({ q: text(s.q), action: text(s.action), actor: text(s.actor), from: day(s.from), to: day(s.to), /** The number of the entry that is open. */ entry: whole(s.entry) }))

export const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  staticData: { title: 'Audit log' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./AuditPage'), 'AuditPage'),
})

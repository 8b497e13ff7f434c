import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { flag, oneOf, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  q: text(s.q),
  kind: oneOf(s.kind, ['management', 'review']),
  disabled: flag(s.disabled),
  sort: text(s.sort),
  /** The hash of the key whose details are open, or "new" for a form. */
  key: text(s.key),
}))

export const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  staticData: { title: 'Keys' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./KeysPage'), 'KeysPage'),
})

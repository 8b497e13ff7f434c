import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  view: oneOf(s.view, ['json']),
  /** Which endpoints of the decision are shown, and which of those a text fits. */
  shown: oneOf(s.shown, ['tried', 'planned', 'out']),
  endpoint: text(s.endpoint),
}))

export const generationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/generations/$id',
  staticData: { title: 'Request' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./GenerationPage'), 'GenerationPage'),
})

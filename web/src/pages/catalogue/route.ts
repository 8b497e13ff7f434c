import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf } from '@/lib/search'

const search = searchOf((s: Query) => ({ view: oneOf(s.view, ['prices']), form: oneOf(s.form, ['new', 'prices']) }))

export const catalogueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/catalogue',
  staticData: { title: 'Providers & catalogue' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./CataloguePage'), 'CataloguePage'),
})

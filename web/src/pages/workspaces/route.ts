import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text } from '@/lib/search'

const list = searchOf((s: Query) => ({ q: text(s.q), sort: text(s.sort), form: oneOf(s.form, ['new']) }))

export const workspacesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/workspaces',
  staticData: { title: 'Workspaces' },
  validateSearch: list,
  component: lazyRouteComponent(() => import('./WorkspacesPage'), 'WorkspacesPage'),
})

const view = searchOf((s: Query) => ({
  tab: oneOf(s.tab, ['members', 'settings']),
  /** The interval whose budget is being set. */
  budget: oneOf(s.budget, ['daily', 'weekly', 'monthly', 'lifetime']),
}))

/** `$id` is an id or a slug. */
export const workspaceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/workspaces/$id',
  staticData: { title: 'Workspace' },
  validateSearch: view,
  component: lazyRouteComponent(() => import('./WorkspacePage'), 'WorkspacePage'),
})

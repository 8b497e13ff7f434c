import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text } from '@/lib/search'

const list = searchOf((s: Query) => ({ q: text(s.q), form: oneOf(s.form, ['new']) }))

export const guardrailsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/guardrails',
  staticData: { title: 'Guardrails' },
  validateSearch: list,
  component: lazyRouteComponent(() => import('./GuardrailsPage'), 'GuardrailsPage'),
})

const view = searchOf((s: Query) => ({ tab: oneOf(s.tab, ['filters', 'keys', 'members']) }))

export const guardrailRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/guardrails/$id',
  staticData: { title: 'Guardrail' },
  validateSearch: view,
  component: lazyRouteComponent(() => import('./GuardrailPage'), 'GuardrailPage'),
})

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { metrics, type MetricId } from '@/lib/analytics'
import { day, flag, list, oneOf, type Query, searchOf, text } from '@/lib/search'
import { dimensionIds } from './dimensions'

const search = searchOf((s: Query) => ({
  metric: oneOf(s.metric, metrics.map((m) => m.id) as MetricId[]),
  by: oneOf(s.by, dimensionIds),
  period: oneOf(s.period, ['24h', '7d', '30d', 'custom']),
  /** Days, as yyyy-mm-dd, both included: of a custom period. */
  from: day(s.from),
  to: day(s.to),
  grain: oneOf(s.grain, ['hour', 'day', 'week']),
  compare: flag(s.compare),
  sort: text(s.sort),
  /** What it is narrowed to. */
  model: list(s.model),
  provider: list(s.provider),
  endpoint: list(s.endpoint),
  key: list(s.key),
  member: list(s.member),
  app: list(s.app),
  outcome: list(s.outcome),
}))

export type ActivitySearch = ReturnType<typeof search>

export const activityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/activity',
  staticData: { title: 'Activity' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./ActivityPage'), 'ActivityPage'),
})

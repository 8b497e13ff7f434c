import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { amount, flag, list, moment, oneOf, type Query, searchOf, text, whole } from '@/lib/search'
import { spans } from './spans'

const search = searchOf((s: Query) => ({
  q: text(s.q),
  /** The last so long; or from and to, as times. */
  last: oneOf(s.last, Object.keys(spans) as (keyof typeof spans)[]),
  from: moment(s.from),
  to: moment(s.to),
  status: oneOf(s.status, ['ok', 'error', 'cancelled']),
  model: list(s.model),
  provider: list(s.provider),
  endpoint: list(s.endpoint),
  key: list(s.key),
  member: list(s.member),
  app: list(s.app),
  outcome: list(s.outcome),
  session: text(s.session),
  user: text(s.user),
  streamed: oneOf(s.streamed, ['yes', 'no']),
  /** US dollars. */
  cost: amount(s.cost),
  /** Milliseconds to the first content. */
  latency: whole(s.latency),
  columns: list(s.columns),
  live: flag(s.live),
  /** The request whose summary is open. */
  open: text(s.open),
}))

export const logsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/logs',
  staticData: { title: 'Logs' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./LogsPage'), 'LogsPage'),
})

export type LogSearch = ReturnType<typeof search>

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, Trophy } from 'lucide-react'
import { useMemo } from 'react'
import { useWorkspaceFilter } from '@/app/workspace'
import { analyticsQuery, type Metric, metricOf, type Row, timeRange } from '@/lib/analytics'
import { percent, plural } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { EmptyState, ErrorState, PageBody, PageHeader, Panel, SkeletonLines } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'

const route = getRouteApi('/shell/rankings')
const fields = { models: 'model', providers: 'provider', apps: 'app' } as const
const most = 50
const day = 86_400

/** What is used most in this organisation. */
export function RankingsPage() {
  const { of = 'models', by = 'tokens', days = '7' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<ReturnType<typeof route.useSearch>>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const metric = metricOf(by)
  const { now, before, error, retry } = useRanking(fields[of], metric, Number(days))
  return (
    <>
      <PageHeader
        width="wide"
        title="Rankings"
        about="What is used most, and how that changed."
        actions={
          <Segments
            label="Time"
            value={days}
            onChange={(to) => set({ days: to === '7' ? undefined : to })}
            options={[
              { value: '1', label: 'Today' },
              { value: '7', label: '7 d' },
              { value: '30', label: '30 d' },
            ]}
          />
        }
      >
        <div className="flex flex-wrap gap-3">
          <Segments
            label="What"
            value={of}
            onChange={(to) => set({ of: to === 'models' ? undefined : to })}
            options={[
              { value: 'models', label: 'Models' },
              { value: 'providers', label: 'Providers' },
              { value: 'apps', label: 'Apps' },
            ]}
          />
          <Segments
            label="By"
            value={by}
            onChange={(to) => set({ by: to === 'tokens' ? undefined : to })}
            options={[
              { value: 'tokens', label: 'Tokens' },
              { value: 'requests', label: 'Requests' },
              { value: 'spend', label: 'Spend' },
            ]}
          />
        </div>
      </PageHeader>
      <PageBody>
        {error ? (
          <ErrorState error={error} onRetry={retry} />
        ) : !now ? (
          <SkeletonLines lines={10} />
        ) : now.length === 0 ? (
          <EmptyState icon={Trophy} title="Nothing was used in this time">
            {of === 'apps' ? 'Apps are told apart by the X-Title or HTTP-Referer header of their requests.' : 'Models and providers appear here when they have answered.'}
          </EmptyState>
        ) : (
          <Panel flush>
            <Ranking now={now} before={before ?? []} field={fields[of]} metric={metric} />
          </Panel>
        )}
      </PageBody>
    </>
  )
}

/** The largest of the last days, this one too, and of as many days before. */
function useRanking(field: string, metric: Metric, days: number) {
  const { ready, id: workspace } = useWorkspaceFilter()
  const midnight = Math.ceil(Date.now() / 1000 / day) * day
  const query = (start: number, limit: number) => ({
    ...analyticsQuery({
      metrics: [...metric.ask],
      dimensions: [field],
      filters: [{ field, operator: 'neq', value: '' }, ...(workspace ? [{ field: 'workspace', operator: 'eq' as const, value: workspace }] : [])],
      time_range: timeRange({ start, end: start + days * day }),
      order_by: { field: metric.ask[0] ?? 'request_count', direction: 'desc' },
      limit,
    }),
    enabled: ready,
  })
  const now = useQuery(query(midnight - days * day, most))
  const before = useQuery(query(midnight - 2 * days * day, 4 * most))
  return { now: now.data?.data, before: before.data?.data, error: now.error ?? before.error, retry: () => void Promise.all([now.refetch(), before.refetch()]) }
}

function Ranking({ now, before, field, metric }: { now: readonly Row[]; before: readonly Row[]; field: string; metric: Metric }) {
  const places = useMemo(() => new Map(before.map((r, i) => [String(r[field]), i])), [before, field])
  const whole = now.reduce((sum, r) => sum + (metric.value(r) ?? 0), 0)
  const first = metric.value(now[0] ?? {}) || 1
  return (
    <ol aria-label="Ranking">
      {now.map((row, i) => {
        const name = String(row[field])
        const value = metric.value(row) ?? 0
        return (
          <li key={name} className="grid grid-cols-[2rem_minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line px-4 py-2.5 first:border-t-0">
            <span className="num text-right text-lg text-muted">{i + 1}</span>
            <div className="min-w-0">
              <div className="flex min-w-0 items-center gap-2">
                <Name field={field} name={name} />
                <Moved from={places.get(name)} to={i} known={before.length > 0} />
              </div>
              <div aria-hidden className="mt-1.5 h-1.5 rounded-full bg-sunken">
                <div className="h-full min-w-1 rounded-full bg-accent" style={{ width: `${(value / first) * 100}%` }} />
              </div>
            </div>
            <div className="num min-w-14 text-right md:w-24">
              <div className="font-medium">{metric.format(value)}</div>
              <div className="text-xs text-muted">{whole > 0 ? percent((value / whole) * 100) : ''}</div>
            </div>
          </li>
        )
      })}
    </ol>
  )
}

function Name({ field, name }: { field: string; name: string }) {
  const [author = '', slug = ''] = name.split('/')
  if (field === 'model' && slug) {
    return (
      <Link to="/models/$author/$slug" params={{ author, slug }} className="truncate font-medium hover:underline">
        {name}
      </Link>
    )
  }
  return <span className="truncate font-medium">{name}</span>
}

/** By how many places it went up or down. */
function Moved({ from, to, known }: { from: number | undefined; to: number; known: boolean }) {
  if (!known) return null
  if (from === undefined) return <Badge tone="accent">new</Badge>
  const by = from - to
  if (by === 0) return null
  const Arrow = by > 0 ? ArrowUp : ArrowDown
  return (
    <span className={`num flex shrink-0 items-center text-xs ${by > 0 ? 'text-good' : 'text-muted'}`}>
      <Arrow className="size-3" aria-hidden />
      {Math.abs(by)}
      <span className="sr-only">{` ${plural(Math.abs(by), 'place')} ${by > 0 ? 'up' : 'down'}`}</span>
    </span>
  )
}

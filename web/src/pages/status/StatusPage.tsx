import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useMemo } from 'react'
import { count, duration, percent, plural, speed, uptime } from '@/lib/format'
import { gravest, gravity, type Health, states } from '@/lib/health'
import { useSession } from '@/lib/session'
import { Condition } from '@/ui/Condition'
import { cx } from '@/ui/cx'
import { None, Time } from '@/ui/Format'
import { SearchInput } from '@/ui/Input'
import { EmptyState, ErrorState, FailedNote, PageBody, PageHeader, Panel, Skeleton, SkeletonLines } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { Checkbox } from '@/ui/Toggle'
import { hoursOf, type Incident, incidentsOf } from './incidents'
import { healthQuery, hoursQuery } from './queries'
import { Strip } from './Strip'

const route = getRouteApi('/shell/status')

/** How the endpoints are now, and when requests failed. */
export function StatusPage() {
  const { can } = useSession()
  const { data, error, refetch } = useQuery(healthQuery)
  return (
    <>
      <PageHeader width="wide" title="Status" about="How endpoints are, as this gateway’s own calls find them." />
      <PageBody>
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <>
            <Verdict endpoints={data} />
            {can('money:read') && <Requests />}
            <Endpoints endpoints={data} />
          </>
        )}
      </PageBody>
    </>
  )
}

const soft = { good: 'bg-good-soft text-good', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' }

/** "1 out of service, 2 on probation": how many are in each state but the normal one, the gravest first. */
function troubles(endpoints: readonly Health[]): string {
  return gravest
    .filter((state) => state !== 'normal')
    .map((state) => [endpoints.filter((e) => e.state === state).length, states[state][0]] as const)
    .filter(([n]) => n > 0)
    .map(([n, name]) => `${count(n)} ${name}`)
    .join(', ')
}

/** In a sentence. */
function Verdict({ endpoints }: { endpoints: readonly Health[] | undefined }) {
  if (!endpoints) return <Skeleton className="h-14 w-full" />
  const worst = gravest.find((state) => endpoints.some((e) => e.state === state)) ?? 'normal'
  const fine = worst === 'normal'
  const Icon = fine ? CircleCheck : CircleAlert
  return (
    <div className={cx('flex items-center gap-3 rounded-lg px-4 py-3.5 text-lg font-semibold', soft[states[worst][1]])} role="status">
      <Icon className="size-5 shrink-0" aria-hidden />
      <span>
        {fine ? `All ${plural(endpoints.length, 'endpoint')} are as they should be` : troubles(endpoints)}
        {!fine && <span className="font-normal"> of {endpoints.length} endpoints. Requests go to the others first.</span>}
      </span>
    </div>
  )
}

/** This organisation's requests of the last day by hour, and the incidents of a month. */
function Requests() {
  const { range, query } = useMemo(hoursQuery, [])
  const { data, error, refetch } = useQuery(query)
  const hours = useMemo(() => hoursOf(data?.data ?? []), [data])
  const incidents = useMemo(() => incidentsOf(hours), [hours])
  const day = Array.from({ length: 24 }, (_, i) => range.end - (24 - i) * 3600)
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <Panel title="Requests, last 24 hours" about="How much of this organisation’s requests failed, by hour">
        {error ? <FailedNote what="This" error={error} onRetry={() => void refetch()} /> : data ? <Strip at={day} hours={hours} /> : <Skeleton className="h-20 w-full" />}
      </Panel>
      <Panel title="Incidents, last 30 days" about="Hours in which at least 5% and at least five requests failed" flush>
        {error ? (
          <FailedNote what="This" error={error} onRetry={() => void refetch()} className="m-4" />
        ) : !data ? (
          <div className="p-4">
            <SkeletonLines lines={3} />
          </div>
        ) : incidents.length === 0 ? (
          <p className="flex items-center gap-2 p-4 text-sm text-muted">
            <CircleCheck className="size-4.5 text-good" aria-hidden />
            There was none.
          </p>
        ) : (
          <ul className="max-h-64 overflow-y-auto" tabIndex={0} aria-label="Incidents">
            {incidents.map((i) => (
              <IncidentRow key={i.start} incident={i} />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  )
}

function IncidentRow({ incident: i }: { incident: Incident }) {
  const iso = (t: number) => new Date(t * 1000).toISOString()
  const when = new Date(i.start * 1000).toLocaleString('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return (
    <li className="flex items-center gap-3 border-t border-line px-4 py-2.5 text-sm first:border-t-0">
      <span aria-hidden className="size-2 shrink-0 rounded-full bg-bad" />
      <div className="min-w-0 flex-1">
        <div className="num font-medium">{when} UTC</div>
        <div className="num text-muted">
          {plural((i.end - i.start) / 3600, 'hour')}, {plural(i.errors, 'error')} in {plural(i.requests, 'request')}, at most {percent(100 * i.worst)}
        </div>
      </div>
      <Link to="/logs" search={{ status: 'error', from: iso(i.start), to: iso(i.end) }} className="text-accent hover:underline">
        In the log
      </Link>
    </li>
  )
}

function Endpoints({ endpoints }: { endpoints: readonly Health[] | undefined }) {
  const { q, troubled, sort } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { q?: string; troubled?: true; sort?: string }) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const rows = useMemo(
    () =>
      [...(endpoints ?? [])]
        .filter((e) => (!troubled || e.state !== 'normal') && (!q || `${e.endpoint} ${e.provider_name}`.toLowerCase().includes(q.toLowerCase())))
        .sort((a, b) => gravity(b.state) - gravity(a.state)),
    [endpoints, q, troubled],
  )
  return (
    <Panel
      flush
      title="Endpoints"
      about={endpoints && `${plural(endpoints.length, 'endpoint')} that can be used`}
      actions={
        <>
          <span className="shrink-0 text-sm">
            <Checkbox label="Only troubled" checked={Boolean(troubled)} onChange={(on) => set({ troubled: on || undefined })} />
          </span>
          <SearchInput label="Search endpoints" value={q ?? ''} onChange={(to) => set({ q: to || undefined })} className="w-56 min-w-0" />
        </>
      }
    >
      {!endpoints ? (
        <div className="p-4">
          <SkeletonLines lines={8} />
        </div>
      ) : rows.length === 0 ? (
        <EmptyState icon={CircleCheck} title={endpoints.length === 0 ? 'No endpoint can be used yet' : troubled && !q ? 'None is in trouble' : 'No endpoint fits'}>
          {endpoints.length === 0 && 'Give a provider’s key to the gateway, by its environment or as one of your own.'}
        </EmptyState>
      ) : (
        <PlainTable label="Endpoints" columns={columns} rows={rows} rowKey={(e) => e.endpoint} sort={sort} onSort={(to) => set({ sort: to })} />
      )}
    </Panel>
  )
}

const up = (n: number | null) => (n === null ? <None /> : <span className={n < 95 ? 'text-bad' : n < 99.5 ? 'text-warn' : undefined}>{uptime(n)}</span>)

const columns: readonly Column<Health>[] = [
  {
    id: 'endpoint',
    name: 'Endpoint',
    width: '2fr',
    sort: (e) => e.endpoint,
    cell: (e) => {
      const [author = '', slug = ''] = e.model_id.split('/')
      return (
        <div className="max-w-72 min-w-0">
          <Link to="/models/$author/$slug" params={{ author, slug }} className="block truncate font-medium hover:underline">
            {e.model_id}
          </Link>
          <div className="truncate text-xs text-muted">{e.provider_name}</div>
        </div>
      )
    },
  },
  {
    id: 'state',
    name: 'Now',
    width: '1fr',
    sort: (e) => -gravity(e.state),
    cell: (e) => (
      <span className="flex items-center gap-x-2 gap-y-0.5 max-md:flex-col max-md:items-start">
        <Condition state={e.state} />
        {e.until && (
          <span className="text-xs whitespace-nowrap text-muted">
            until <Time at={e.until} as="clock" />
          </span>
        )}
      </span>
    ),
  },
  { id: 'up5', name: 'Uptime, 5 min', width: '1fr', align: 'right', from: 'md', sort: (e) => e.uptime_last_5m, cell: (e) => up(e.uptime_last_5m) },
  { id: 'up30', name: 'Uptime, 30 min', width: '1fr', align: 'right', from: 'lg', sort: (e) => e.uptime_last_30m, cell: (e) => up(e.uptime_last_30m) },
  { id: 'up1d', name: 'Uptime, 1 day', width: '1fr', align: 'right', sort: (e) => e.uptime_last_1d, cell: (e) => up(e.uptime_last_1d) },
  { id: 'latency', name: 'Latency', width: '1fr', align: 'right', from: 'lg', sort: (e) => e.latency_last_30m?.p50, cell: (e) => (e.latency_last_30m ? duration(e.latency_last_30m.p50) : <None />) },
  { id: 'speed', name: 'Speed', width: '1fr', align: 'right', from: 'lg', sort: (e) => e.throughput_last_30m?.p50, cell: (e) => (e.throughput_last_30m ? speed(e.throughput_last_30m.p50) : <None />) },
]

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import { analyticsQuery, metricOf, partOf, partsOf, timeRange } from '@/lib/analytics'
import { date, duration, percent } from '@/lib/format'
import type { Model, Provider } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Chart } from '@/ui/Chart'
import { Mono } from '@/ui/Code'
import { None, PerMillion, Tokens } from '@/ui/Format'
import { EmptyState, ErrorState, Facts, FailedNote, Note, PageBody, PageHeader, Panel, Skeleton, SkeletonLines, Stat, Stats } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { country } from './places'
import { PolicyBadges, retention } from './Policy'
import { providerQuery } from './queries'

const route = getRouteApi('/shell/providers/$slug')
const day = 86_400

export function ProviderPage() {
  const { slug } = route.useParams()
  const { data, error, refetch } = useQuery(providerQuery(slug))
  if (data) return <Loaded provider={data} />
  return (
    <>
      <PageHeader above={<ToProviders />} title={slug} />
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === null ? (
        <EmptyState title="There is no such provider">The catalogue has none called {slug}.</EmptyState>
      ) : (
        <PageBody>
          <SkeletonLines lines={8} />
        </PageBody>
      )}
    </>
  )
}

function ToProviders() {
  return (
    <Link to="/providers" className="hover:text-ink">
      Providers
    </Link>
  )
}

function Loaded({ provider: p }: { provider: Provider & { serves: Model[] } }) {
  const { can } = useSession()
  return (
    <>
      <PageHeader above={<ToProviders />} title={p.name} about={<Mono>{p.slug}</Mono>} />
      <PageBody>
        {p.needs && p.needs.length > 0 && <Note kind="warn">It cannot be called yet. One of these would make it: {p.needs.join(', ')}.</Note>}
        <div className="grid gap-6 lg:grid-cols-2">
          <About provider={p} />
          {can('money:read') && <Traffic name={p.name} />}
        </div>
        <Served models={p.serves} />
      </PageBody>
    </>
  )
}

function About({ provider: p }: { provider: Provider }) {
  const d = p.data_policy
  const word = { yes: 'yes', no: 'no', unknown: 'not known' }
  return (
    <Panel title="Data policy" actions={<PolicyBadges of={d} />}>
      <Facts
        rows={[
          ['Trains on prompts', word[d.trains]],
          ['Retention', retention(d)],
          ['Publishes prompts', word[d.publishes]],
          ['Declared by', d.source ? `${d.source}${d.as_of ? `, ${date(d.as_of)}` : ''}` : <None key="s" />],
          ['Headquarters', p.headquarters ? country(p.headquarters) : <None key="h" />],
          ['Datacentres', p.datacenters?.map(country).join(', ') || <None key="d" />],
          ['Privacy policy', <Elsewhere key="p" url={p.privacy_policy_url} />],
          ['Terms of service', <Elsewhere key="t" url={p.terms_of_service_url} />],
          ['Status page', <Elsewhere key="u" url={p.status_page_url ?? null} />],
        ]}
      />
      <p className="mt-3 text-xs text-muted">An endpoint may have a policy of its own. The gateway routes by what is declared; it cannot check it.</p>
    </Panel>
  )
}

/** A link that the catalogue has; only to the web. */
function Elsewhere({ url }: { url: string | null }) {
  if (!url || !/^https?:\/\//i.test(url)) return <None />
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className="inline-flex max-w-full items-center gap-1 text-accent hover:underline">
      <span className="truncate">{new URL(url).host}</span>
      <ExternalLink className="size-3.5 shrink-0" aria-hidden />
    </a>
  )
}

/** What this organisation's requests got from it in the last 30 days. */
function Traffic({ name }: { name: string }) {
  const end = Math.ceil(Date.now() / 1000 / day) * day
  const range = { start: end - 30 * day, end, grain: 'day' as const }
  const { data, error, refetch } = useQuery(
    analyticsQuery({
      metrics: ['request_count', 'p50_latency', 'avg_throughput', 'fallback_count', 'error_count'],
      granularity: 'day',
      filters: [{ field: 'provider', operator: 'eq', value: name }],
      time_range: timeRange(range),
    }),
  )
  const at = partsOf(range)
  const rows = new Map((data?.data ?? []).map((r) => [partOf(r, 'day'), r]))
  const of = (id: 'requests' | 'latency') => at.map((t) => (rows.has(t) ? metricOf(id).value(rows.get(t) ?? {}) : id === 'requests' ? 0 : null))
  const requests = (data?.data ?? []).reduce((sum, r) => sum + Number(r.request_count), 0)
  const broken = (data?.data ?? []).reduce((sum, r) => sum + Number(r.error_count), 0)
  return (
    <Panel title="Your requests" about="Of the last 30 days">
      {error ? (
        <FailedNote what="What they did" error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-48 w-full" />
      ) : requests === 0 ? (
        <p className="text-sm text-muted">None was answered by {name}.</p>
      ) : (
        <div className="flex flex-col gap-4">
          <Stats>
            <Stat label="Answered">{requests.toLocaleString('en-US')}</Stat>
            <Stat label="Broke off">{percent((100 * broken) / requests)}</Stat>
          </Stats>
          <Chart label="Median latency by day" height={140} at={at} series={[{ name: 'Latency, median', values: of('latency') }]} format={duration} />
        </div>
      )}
    </Panel>
  )
}

function Served({ models }: { models: readonly Model[] }) {
  const { sort = 'name' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Panel flush title="Models" about="Prices are of the cheapest endpoint of the model here">
      {models.length === 0 ? (
        <EmptyState title="It serves no model" />
      ) : (
        <PlainTable label="Models" columns={columns} rows={models} rowKey={(m) => m.id} sort={sort} onSort={(to) => void navigate({ search: (old) => ({ ...old, sort: to }), replace: true })} />
      )}
    </Panel>
  )
}

const columns: readonly Column<Model>[] = [
  {
    id: 'name',
    name: 'Model',
    width: '2fr',
    sort: (m) => m.name,
    cell: (m) => {
      const [author = '', slug = ''] = m.id.split('/')
      return (
        <Link to="/models/$author/$slug" params={{ author, slug }} className="font-medium hover:underline">
          {m.name}
        </Link>
      )
    },
  },
  { id: 'context', name: 'Context', width: '1fr', align: 'right', sort: (m) => m.context_length, cell: (m) => <Tokens n={m.context_length} /> },
  { id: 'input', name: 'Input / M', width: '1fr', align: 'right', sort: (m) => Number(m.pricing.prompt), cell: (m) => <PerMillion price={m.pricing.prompt} /> },
  { id: 'output', name: 'Output / M', width: '1fr', align: 'right', from: 'md', sort: (m) => Number(m.pricing.completion), cell: (m) => <PerMillion price={m.pricing.completion} /> },
]

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { duration, speed, uptime } from '@/lib/format'
import { stateOf } from '@/lib/health'
import { Badge } from '@/ui/Badge'
import { Condition } from '@/ui/Condition'
import { None, PerMillion, Tokens } from '@/ui/Format'
import { EmptyState, ErrorState, SkeletonLines } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { Tooltip } from '@/ui/Tooltip'
import { type Endpoint, endpointsQuery } from './queries'

const route = getRouteApi('/shell/models/$author/$slug')

/** Who serves the model, at what price, how well. */
export function Endpoints({ author, slug }: { author: string; slug: string }) {
  const { sort } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, refetch } = useQuery(endpointsQuery(author, slug))
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <SkeletonLines lines={4} />
  if (data.length === 0) return <EmptyState title="No endpoint serves this model" />
  return (
    <>
      <div className="rounded-lg border border-line bg-surface">
        <PlainTable
          label="Endpoints"
          columns={columns(data)}
          rows={data}
          rowKey={(e) => e.tag + e.name}
          sort={sort}
          onSort={(to) => void navigate({ search: (old) => ({ ...old, sort: to }), replace: true })}
        />
      </div>
      <p className="mt-2 text-sm text-muted">Latency to the first token and speed are medians of the last 30 minutes, uptime is of the last day, both of this gateway’s own requests.</p>
    </>
  )
}

function columns(endpoints: readonly Endpoint[]): Column<Endpoint>[] {
  const all: (Column<Endpoint> & { when?: (e: Endpoint) => unknown })[] = [
    {
      id: 'provider',
      name: 'Provider',
      width: '1fr',
      sort: (e) => e.provider_name,
      cell: (e) => (
        <div className="max-w-52">
          <Link to="/providers/$slug" params={{ slug: e.tag.split('/')[0] ?? e.tag }} className="block truncate font-medium hover:underline">
            {e.provider_name}
          </Link>
          <div className="truncate font-mono text-xs text-muted">{e.tag}</div>
        </div>
      ),
    },
    { id: 'status', name: 'Status', width: '1fr', cell: (e) => <Status endpoint={e} /> },
    { id: 'input', name: 'Input / M', width: '1fr', align: 'right', sort: (e) => Number(e.pricing.prompt), cell: (e) => <PerMillion price={e.pricing.prompt} /> },
    { id: 'output', name: 'Output / M', width: '1fr', align: 'right', sort: (e) => Number(e.pricing.completion), cell: (e) => <PerMillion price={e.pricing.completion} /> },
    { id: 'keeps', name: 'Data', width: '1fr', cell: (e) => (e.zdr ? <Badge tone="good">keeps nothing</Badge> : <Badge>may keep</Badge>) },
    { id: 'cached', name: 'Cached / M', width: '1fr', align: 'right', when: (e) => e.pricing.input_cache_read, cell: (e) => <PerMillion price={e.pricing.input_cache_read} /> },
    { id: 'latency', name: 'Latency', width: '1fr', align: 'right', sort: (e) => e.latency_last_30m?.p50, cell: (e) => <Spread of={e.latency_last_30m} format={duration} /> },
    { id: 'throughput', name: 'Speed', width: '1fr', align: 'right', sort: (e) => e.throughput_last_30m?.p50, cell: (e) => <Spread of={e.throughput_last_30m} format={speed} /> },
    { id: 'uptime', name: 'Uptime', width: '1fr', align: 'right', sort: (e) => e.uptime_last_1d, cell: (e) => (e.uptime_last_1d === null ? <None /> : uptime(e.uptime_last_1d)) },
    { id: 'context', name: 'Context', width: '1fr', align: 'right', sort: (e) => e.context_length, cell: (e) => <Tokens n={e.context_length || null} /> },
    { id: 'most', name: 'Max out', width: '1fr', align: 'right', cell: (e) => <Tokens n={e.max_completion_tokens} /> },
    { id: 'quantization', name: 'Quant.', width: '1fr', when: (e) => e.quantization, cell: (e) => e.quantization ?? <None /> },
  ]
  return all.filter((c) => !c.when || endpoints.some(c.when))
}

function Status({ endpoint: e }: { endpoint: Endpoint }) {
  return e.needs ? <Badge tone="warn">{`needs ${e.needs}`}</Badge> : <Condition state={stateOf(e.status)} />
}

function Spread({ of, format }: { of: Endpoint['latency_last_30m']; format: (n: number) => string }) {
  if (!of) return <None />
  const all = `p75 ${format(of.p75)} · p90 ${format(of.p90)} · p99 ${format(of.p99)}, last 30 minutes`
  return (
    <Tooltip text={all}>
      <span tabIndex={0} className="num rounded-sm">
        {format(of.p50)}
        <span className="sr-only">; {all}</span>
      </span>
    </Tooltip>
  )
}

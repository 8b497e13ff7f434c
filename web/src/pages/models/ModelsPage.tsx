import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { count, plural } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Money, PerMillion, Tokens } from '@/ui/Format'
import { EmptyState, ErrorState, PageHeader, SkeletonLines } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { Tick } from '@/ui/Toggle'
import { Compare } from './Compare'
import { authorOf, meets } from './facets'
import { Filters } from './Filters'
import { listQuery } from './queries'
import { costOf, type Traffic } from './traffic'
import { TrafficBar, TrafficButton, useTraffic } from './TrafficBar'

const route = getRouteApi('/shell/models')
const mostCompared = 6

export function ModelsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, refetch } = useQuery(listQuery({ all: search.all, providers: search.providers, zdr: search.zdr }))
  const models = useMemo(() => (data ?? []).filter((m) => meets(m, search)), [data, search])
  const priced = useTraffic(search.traffic)
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })

  const chosen = search.compare ?? []
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id].slice(-mostCompared)
    set({ compare: next.length ? next : undefined })
  }
  const price = (traffic: string | undefined) => set({ traffic, sort: traffic && !search.traffic ? 'cost' : !traffic && search.sort?.endsWith('cost') ? undefined : search.sort })
  const open = (m: Model) => {
    const [author = '', slug = ''] = m.id.split('/')
    void navigate({ to: '/models/$author/$slug', params: { author, slug }, search: {} })
  }
  const clear = () => void navigate({ search: (old) => ({ workspace: old.workspace, all: old.all, sort: old.sort }), replace: true })
  return (
    <>
      <PageHeader
        title="Models"
        about={data && (models.length === data.length ? plural(data.length, 'model') : `${count(models.length)} of ${plural(data.length, 'model')}`)}
        actions={
          chosen.length > 0 && (
            <>
              <Button kind="quiet" onClick={() => set({ compare: undefined })}>
                Clear choice
              </Button>
              <Button kind="primary" disabled={chosen.length < 2} onClick={() => set({ comparing: true })}>
                Compare {chosen.length}
              </Button>
            </>
          )
        }
      >
        <Filters models={data ?? []} search={search} set={set}>
          {search.traffic === undefined && <TrafficButton onChange={price} />}
        </Filters>
        {search.traffic !== undefined && <TrafficBar text={search.traffic} known={priced} onChange={price} />}
      </PageHeader>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <div className="page-pad">
          <SkeletonLines lines={12} />
        </div>
      ) : (
        <Table
          label="Models"
          columns={columns(chosen, toggle, priced.traffic)}
          rows={models}
          rowKey={(m) => m.id}
          tall
          sort={search.sort}
          onSort={(sort) => set({ sort })}
          onOpen={open}
          empty={
            <EmptyState icon={SearchX} title="No model matches" action={<Button onClick={clear}>Clear the filters</Button>}>
              {search.all ? 'Try fewer filters.' : 'Try fewer filters, or show models that need a provider’s key first.'}
            </EmptyState>
          }
        />
      )}
      <Compare models={(data ?? []).filter((m) => chosen.includes(m.id))} open={Boolean(search.comparing)} onOpenChange={(o) => set({ comparing: o || undefined })} />
    </>
  )
}

const modality: Column<Model> = { id: 'modality', name: 'Input → output', width: 'minmax(9rem, 1.4fr)', from: 'xl', cell: (m) => <span className="text-muted">{m.architecture.modality.replace('->', ' → ').replaceAll('+', ', ')}</span> }

function columns(chosen: readonly string[], toggle: (id: string) => void, traffic: Traffic | undefined): Column<Model>[] {
  return [
    {
      id: 'compare',
      name: 'Compare',
      width: '3.75rem',
      from: 'md',
      cell: (m) => (
        <label className="flex h-8 w-8 items-center">
          <Tick label={`Compare ${m.name}`} checked={chosen.includes(m.id)} onChange={() => toggle(m.id)} />
        </label>
      ),
    },
    { id: 'name', name: 'Model', width: 'minmax(10rem, 4fr)', sort: (m) => m.name, cell: (m) => <Name model={m} /> },
    { id: 'author', name: 'Author', width: 'minmax(6rem, 1fr)', from: 'lg', sort: authorOf, cell: authorOf },
    ...(traffic ? [] : [modality]),
    { id: 'context', name: 'Context', width: '5.5rem', align: 'right', from: 'md', sort: (m) => m.context_length, cell: (m) => <Tokens n={m.context_length} /> },
    { id: 'input', name: 'Input / M', width: 'minmax(4.75rem, 6rem)', align: 'right', from: traffic ? 'md' : undefined, sort: (m) => priceOf(m, m.pricing.prompt), cell: (m) => <Price model={m} price={m.pricing.prompt} /> },
    { id: 'output', name: 'Output / M', width: 'minmax(5rem, 6rem)', align: 'right', from: traffic ? 'md' : undefined, sort: (m) => priceOf(m, m.pricing.completion), cell: (m) => <Price model={m} price={m.pricing.completion} /> },
    ...(traffic ? [{ id: 'cost', name: 'Cost', width: '6.5rem', align: 'right' as const, sort: (m: Model) => costOf(m, traffic), cell: (m: Model) => <Money amount={costOf(m, traffic)} /> }] : []),
    { id: 'released', name: 'Released', width: '7rem', align: 'right', from: 'xl', sort: (m) => m.created || null, cell: (m) => released(m) },
  ]
}

function Name({ model: m }: { model: Model }) {
  const [author = '', slug = ''] = m.id.split('/')
  return (
    <div className="min-w-0">
      <div className="flex min-w-0 items-center gap-2">
        <Link to="/models/$author/$slug" params={{ author, slug }} className="truncate font-medium hover:underline">
          {m.name}
        </Link>
        {m.needs && m.needs.length > 0 && <Badge tone="warn">needs a key</Badge>}
        {m.excluded_by && m.excluded_by.length > 0 && <Badge tone="bad">excluded</Badge>}
      </div>
      <div className="truncate font-mono text-xs text-muted">{m.id}</div>
    </div>
  )
}

/** A price per token of what has none, such as images or search units, is 0 in the API: it is not shown as free. */
function Price({ model, price }: { model: Model; price: string }) {
  return priceOf(model, price) === null ? <PerMillion price={undefined} /> : <PerMillion price={price} />
}

function priceOf(m: Model, price: string): number | null {
  const n = Number(price)
  return n < 0 || (n === 0 && !m.architecture.output_modalities.includes('text')) ? null : n
}

function released(m: Model) {
  if (!m.created) return <Tokens n={null} />
  return new Date(m.created * 1000).toLocaleDateString('en-US', { year: 'numeric', month: 'short' })
}

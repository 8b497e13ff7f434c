import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { count, plural } from '@/lib/format'
import { type Provider, providersQuery } from '@/lib/queries'
import { Badge } from '@/ui/Badge'
import { Count, None } from '@/ui/Format'
import { SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageHeader, SkeletonText } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { type Column, Table } from '@/ui/Table'
import { TableSkeleton } from '@/ui/TableSkeleton'
import { Checkbox } from '@/ui/Toggle'
import { country } from './places'
import { PolicyBadges } from './Policy'

const route = getRouteApi('/shell/providers')

/** Who can be called, and what is declared about what they do with what they get. */
export function ProvidersPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const providers = useQuery(providersQuery(search.all))
  const { data } = providers
  const rows = useMemo(() => (data ?? []).filter((p) => fits(p, search.q, search.data)), [data, search.q, search.data])
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  return (
    <>
      <PageHeader title="Providers" about={data ? (rows.length === data.length ? plural(data.length, 'provider') : `${count(rows.length)} of ${plural(data.length, 'provider')}`) : providers.isPending && <SkeletonText />}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <SearchInput label="Search providers" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md min-w-48 flex-1" />
          <Select
            aria-label="Data"
            className="w-44"
            value={search.data ?? ''}
            onChange={(v) => set({ data: v || undefined })}
            options={[
              { value: '', label: 'Any data policy' },
              { value: 'no-training', label: 'Does not train' },
              { value: 'keeps-nothing', label: 'Keeps nothing' },
            ]}
          />
          <Checkbox label="Also without a key" checked={Boolean(search.all)} onChange={(on) => set({ all: on || undefined })} />
        </div>
      </PageHeader>
      <Loaded of={providers} skeleton={<TableSkeleton columns={columns} tall />}>
        {() => (
          <Table
            label="Providers"
            columns={columns}
            rows={rows}
            rowKey={(p) => p.slug}
            tall
            sort={search.sort}
            onSort={(sort) => set({ sort })}
            onOpen={(p) => void navigate({ to: '/providers/$slug', params: { slug: p.slug }, search: {} })}
            empty={
              <EmptyState icon={SearchX} title="No provider fits">
                {search.all ? 'Try another word, or any data policy.' : 'Try another word, any data policy, or providers that need a key first.'}
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </>
  )
}

function fits(p: Provider, q: string | undefined, data: 'no-training' | 'keeps-nothing' | undefined): boolean {
  if (data === 'no-training' && p.data_policy.trains !== 'no') return false
  if (data === 'keeps-nothing' && p.data_policy.retains !== 'no') return false
  return !q || `${p.name} ${p.slug}`.toLowerCase().includes(q.toLowerCase())
}

const columns: readonly Column<Provider>[] = [
  {
    id: 'name',
    name: 'Provider',
    width: 'minmax(10rem, 2fr)',
    sort: (p) => p.name,
    cell: (p) => (
      <div className="min-w-0">
        <div className="flex min-w-0 items-center gap-2">
          <Link to="/providers/$slug" params={{ slug: p.slug }} className="truncate font-medium hover:underline">
            {p.name}
          </Link>
          {p.needs && p.needs.length > 0 && <Badge tone="warn">needs a key</Badge>}
        </div>
        <div className="truncate font-mono text-xs text-muted">{p.slug}</div>
      </div>
    ),
  },
  { id: 'data', name: 'Data', width: 'minmax(15rem, 1.5fr)', from: 'md', sort: (p) => `${p.data_policy.trains} ${p.data_policy.retains}`, cell: (p) => <PolicyBadges of={p.data_policy} /> },
  { id: 'place', name: 'Headquarters', width: 'minmax(7rem, 1fr)', from: 'lg', sort: (p) => (p.headquarters ? country(p.headquarters) : null), cell: (p) => (p.headquarters ? country(p.headquarters) : <None />) },
  { id: 'datacenters', name: 'Datacentres', width: 'minmax(8rem, 1fr)', from: 'xl', cell: (p) => p.datacenters?.map(country).join(', ') || <None /> },
  { id: 'models', name: 'Models', width: '4.5rem', align: 'right', sort: (p) => p.models, cell: (p) => <Count n={p.models} /> },
  { id: 'endpoints', name: 'Endpoints', width: '5.5rem', align: 'right', from: 'md', sort: (p) => p.endpoints, cell: (p) => <Count n={p.endpoints} /> },
]

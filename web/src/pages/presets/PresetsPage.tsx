import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Bookmark, Plus } from 'lucide-react'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Time } from '@/ui/Format'
import { SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageHeader } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { TableSkeleton } from '@/ui/TableSkeleton'
import { TwoLines } from '@/ui/TwoLines'
import { type Preset, presetsQuery } from './queries'
import { VersionSheet } from './VersionSheet'

const route = getRouteApi('/shell/presets')

export function PresetsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const presets = useQuery(presetsQuery)
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const form = (to: 'new' | undefined) => void navigate({ search: (old) => ({ ...old, form: to }) })
  const open = (slug: string) => void navigate({ to: '/presets/$slug', params: { slug }, search: {} })
  const add = can('rules:write') && (
    <Button kind="primary" icon={Plus} onClick={() => form('new')}>
      New preset
    </Button>
  )
  return (
    <>
      <PageHeader title="Presets" about="Named settings of requests: model, system prompt, sampling, tools. Versions never change." actions={add}>
        <SearchInput label="Search presets" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md" />
      </PageHeader>
      <Loaded of={presets} skeleton={<TableSkeleton columns={columns} tall />}>
        {(list) => (
          <Table
            label="Presets"
            tall
            columns={columns}
            rows={list.filter((p) => `${p.name} ${p.slug} ${p.description ?? ''}`.toLowerCase().includes((search.q ?? '').toLowerCase()))}
            rowKey={(p) => p.slug}
            sort={search.sort}
            onSort={(sort) => set({ sort })}
            onOpen={(p) => open(p.slug)}
            empty={
              list.length ? (
                <EmptyState title="No preset matches" />
              ) : (
                <EmptyState icon={Bookmark} title="No preset yet" action={add}>
                  Change a prompt or a model in one place, and every program that names the preset follows.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
      {search.form === 'new' && can('rules:write') && <VersionSheet onClose={() => form(undefined)} onMade={open} />}
    </>
  )
}

const columns: Column<Preset>[] = [
  {
    id: 'name',
    name: 'Name',
    width: 'minmax(9rem, 2fr)',
    sort: (p) => p.name.toLowerCase(),
    cell: (p) => <TwoLines name={p.name} below={`@preset/${p.slug}`} mono />,
  },
  { id: 'about', name: 'What it is for', width: 'minmax(8rem, 3fr)', from: 'md', cell: (p) => <span className="text-muted">{p.description}</span> },
  { id: 'status', name: 'Status', width: '6rem', sort: (p) => p.status, cell: (p) => <Badge tone={p.status === 'active' ? 'good' : 'warn'}>{p.status}</Badge> },
  { id: 'changed', name: 'Changed', width: '6.5rem', sort: (p) => p.updated_at, cell: (p) => <Time at={p.updated_at} /> },
]

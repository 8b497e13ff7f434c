import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useActors } from '@/lib/actor'
import { plural } from '@/lib/format'
import { Combobox } from '@/ui/Combobox'
import { Time } from '@/ui/Format'
import { Input, SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageHeader } from '@/ui/Panel'
import { nextPage, SearchMore } from '@/ui/SearchMore'
import { type Column, Table } from '@/ui/Table'
import { EntrySheet } from './EntrySheet'
import { auditQuery, type Entry } from './queries'

const route = getRouteApi('/shell/audit')

export function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const log = useInfiniteQuery(auditQuery)
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const show = (entry: number | undefined) => void navigate({ search: (old) => ({ ...old, entry }) })
  const all = log.data?.pages.flat() ?? []
  const actor = useActors(all.map((e) => e.actor))
  const rows = all.filter((e) => fits(e, search, actor))
  const narrowed = Boolean(search.q || search.action || search.actor || search.from || search.to)
  return (
    <>
      <PageHeader title="Audit log" about="Who changed what. Each entry holds the hash of the one before it, so that none can be changed or taken out unseen.">
        <div className="flex flex-wrap items-center gap-2">
          <SearchInput label="Search the log" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="min-w-48 flex-1 md:max-w-md" />
          <div className="grid grid-cols-2 gap-2 sm:flex">
            <Combobox className="sm:w-44" label="Action" placeholder="Every action" value={search.action ?? ''} onChange={(action) => set({ action: action || undefined })} choices={unique(all.map((e) => e.action)).map((a) => ({ value: a, label: a }))} />
            <Combobox className="sm:w-44" label="By whom" placeholder="Everybody" value={search.actor ?? ''} onChange={(by) => set({ actor: by || undefined })} choices={unique(all.map((e) => e.actor)).map((a) => ({ value: a, label: actor(a) }))} />
            <label className="flex items-center gap-1.5 text-sm text-muted">
              From
              <Input type="date" className="sm:w-38" value={search.from ?? ''} onChange={(e) => set({ from: e.target.value || undefined })} />
            </label>
            <label className="flex items-center gap-1.5 text-sm text-muted">
              To
              <Input type="date" className="sm:w-38" value={search.to ?? ''} onChange={(e) => set({ to: e.target.value || undefined })} />
            </label>
          </div>
        </div>
      </PageHeader>
      <Loaded of={log} lines={10} within="page">
        {() => (
          <>
            <Table label="Audit log" columns={columns(actor)} rows={rows} rowKey={(e) => String(e.n)} onOpen={(e) => show(e.n)} onEnd={narrowed ? undefined : nextPage(log)} empty={<EmptyState title={narrowed ? 'No entry matches' : 'Nothing has been changed yet'} />} />
            {narrowed && <SearchMore of={log} searched={plural(all.length, 'entry', 'entries')} more="Search older ones" />}
          </>
        )}
      </Loaded>
      <EntrySheet subject={all.find((e) => e.n === search.entry) ?? null} actor={actor} onClose={() => show(undefined)} />
    </>
  )
}

function columns(actor: (id: string) => string): Column<Entry>[] {
  return [
    { id: 'at', name: 'When', width: '6rem', cell: (e) => <Time at={e.at} /> },
    { id: 'action', name: 'Action', width: 'minmax(6rem, 1.5fr)', cell: (e) => <span className="font-medium">{e.action}</span> },
    { id: 'by', name: 'By', width: 'minmax(5rem, 1.5fr)', cell: (e) => actor(e.actor) },
    { id: 'target', name: 'On', width: 'minmax(8rem, 2fr)', from: 'md', cell: (e) => <span className="font-mono text-xs text-muted">{e.target}</span> },
    { id: 'address', name: 'From', width: '9rem', from: 'lg', cell: (e) => <span className="text-muted">{e.address}</span> },
    { id: 'n', name: 'No.', width: '4rem', align: 'right', from: 'md', cell: (e) => <span className="text-muted">{e.n}</span> },
  ]
}

type Filter = { q?: string; action?: string; actor?: string; from?: string; to?: string }

function fits(e: Entry, f: Filter, actor: (id: string) => string): boolean {
  if (f.action && e.action !== f.action) return false
  if (f.actor && e.actor !== f.actor) return false
  if (f.from && e.at < f.from) return false
  if (f.to && e.at.slice(0, 10) > f.to) return false
  if (!f.q) return true
  const text = `${e.action} ${e.target} ${e.actor} ${actor(e.actor)} ${e.address ?? ''} ${JSON.stringify(e.detail)}`.toLowerCase()
  return f.q.toLowerCase().split(/\s+/).every((w) => text.includes(w))
}

function unique(list: string[]): string[] {
  return [...new Set(list)].sort()
}

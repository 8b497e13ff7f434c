import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ShieldCheck } from 'lucide-react'
import { workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Badge, type Tone } from '@/ui/Badge'
import { Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { EmptyState } from '@/ui/Panel'
import { nextPage } from '@/ui/SearchMore'
import { type Column, Table } from '@/ui/Table'
import { TableSkeleton } from '@/ui/TableSkeleton'
import { TwoLines } from '@/ui/TwoLines'
import { type ReportedKey, reportQuery } from './queries'

const route = getRouteApi('/shell/keys')

/** What the report finds about a key, and how bad that is. */
export const findings: Record<ReportedKey['findings'][number], readonly [string, Tone]> = {
  unused: ['unused for 30 days', 'warn'],
  no_limit: ['no limit', 'plain'],
  no_expiry: ['never ends', 'plain'],
  any_address: ['from anywhere', 'plain'],
  mighty: ['admin rights', 'warn'],
  member_disabled: ['member disabled', 'bad'],
  member_gone: ['member gone', 'bad'],
  role_above: ['more rights than its member', 'bad'],
}

/** Keys that work and that somebody should look at, of all workspaces. */
export function KeyReport({ q }: { q: string | undefined }) {
  const { can } = useSession()
  const navigate = route.useNavigate()
  const { data: workspaces = [] } = useQuery({ ...workspacesQuery, enabled: can('rules:read') })
  const report = useInfiniteQuery(reportQuery)
  const open = (k: ReportedKey) => {
    const at = workspaces.findIndex((w) => w.id === k.workspace_id)
    void navigate({ search: { workspace: at > 0 ? workspaces[at]?.slug : undefined, kind: k.is_management_key ? 'management' : undefined, key: k.hash } })
  }
  return (
    <Loaded of={report} skeleton={<TableSkeleton columns={columns} tall />}>
      {({ pages }) => (
        <Table
          label="Keys to review"
          tall
          columns={columns}
          rows={pages.flatMap((p) => p.data).filter((k) => !q || `${k.name} ${k.label}`.toLowerCase().includes(q.toLowerCase()))}
          rowKey={(k) => k.hash}
          onOpen={open}
          onEnd={nextPage(report)}
          empty={
            <EmptyState icon={ShieldCheck} title={q ? 'No key matches' : 'Nothing to review'}>
              Keys come here when they are unused, unlimited, endless, or have more rights than they should.
            </EmptyState>
          }
        />
      )}
    </Loaded>
  )
}

const columns: Column<ReportedKey>[] = [
  {
    id: 'name',
    name: 'Name',
    width: 'minmax(8rem, 1fr)',
    cell: (k) => <TwoLines name={k.name} below={k.label} mono />,
  },
  { id: 'kind', name: 'Kind', width: '9rem', from: 'lg', cell: (k) => (k.is_management_key ? `management, ${k.role}` : 'inference') },
  {
    id: 'findings',
    name: 'To review',
    width: 'minmax(9rem, 3fr)',
    cell: (k) => (
      <div className="flex max-h-11 flex-wrap gap-1 overflow-hidden">
        {k.findings.map((f) => (
          <Badge key={f} tone={findings[f][1]}>
            {findings[f][0]}
          </Badge>
        ))}
      </div>
    ),
  },
  { id: 'used', name: 'Last used', width: '7.5rem', from: 'md', cell: (k) => <Time at={k.last_used_on} as="date" /> },
]

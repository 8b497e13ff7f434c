import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { MessagesSquare } from 'lucide-react'
import { useMemo } from 'react'
import { useWorkspaceFilter } from '@/app/workspace'
import { count, duration, exactTime, plural } from '@/lib/format'
import { Button } from '@/ui/Button'
import { Count, Money, None, Time, Tokens } from '@/ui/Format'
import { SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageHeader, SkeletonText } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { TableSkeleton } from '@/ui/TableSkeleton'
import { requestsQuery, type SessionOfRequests, sessionsOf } from './queries'

const route = getRouteApi('/shell/sessions')

/** Requests that belong together: those that named the same session. */
export function SessionsPage() {
  const { q, sort } = route.useSearch()
  const navigate = route.useNavigate()
  const { ready, id: workspace } = useWorkspaceFilter()
  const found = useInfiniteQuery({ ...requestsQuery(workspace), enabled: ready })
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = found
  const requests = useMemo(() => (data?.pages ?? []).flatMap((p) => p.data), [data])
  const sessions = useMemo(() => sessionsOf(requests), [requests])
  const rows = q ? sessions.filter((s) => [s.id, ...s.models, ...s.apps, ...s.keys].some((text) => text.toLowerCase().includes(q.toLowerCase()))) : sessions
  const set = (change: { q?: string; sort?: string }) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const further = hasNextPage && (
    <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      Look further back
    </Button>
  )
  return (
    <>
      <PageHeader title="Sessions" about={data ? <Found sessions={rows.length} requests={requests.length} to={requests.at(-1)?.created_at} all={!hasNextPage} /> : found.isPending && <SkeletonText />} actions={further}>
        <SearchInput label="Search sessions" value={q ?? ''} onChange={(to) => set({ q: to || undefined })} className="max-w-md" />
      </PageHeader>
      <Loaded of={found} skeleton={<TableSkeleton columns={columns} />}>
        {() => (
          <Table
            label="Sessions"
            columns={columns}
            rows={rows}
            rowKey={(s) => s.id}
            sort={sort}
            onSort={(to) => set({ sort: to })}
            onOpen={(s) => void navigate({ to: '/logs', search: { session: s.id } })}
            empty={
              q ? (
                <EmptyState title="No session fits">Its id, models, apps and keys are searched.</EmptyState>
              ) : (
                <EmptyState icon={MessagesSquare} title="No session yet">
                  Requests that name the same session_id, in the body or as the header X-Session-Id, are listed together here: a conversation, a run of an agent.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
    </>
  )
}

function Found({ sessions, requests, to, all }: { sessions: number; requests: number; to: string | undefined; all: boolean }) {
  if (all) return plural(sessions, 'session')
  return (
    <span title={to && `Since ${exactTime(to)}`}>
      {plural(sessions, 'session')} among the newest {count(requests)} requests
    </span>
  )
}

const columns: readonly Column<SessionOfRequests>[] = [
  { id: 'id', name: 'Session', width: 'minmax(8rem, 2fr)', sort: (s) => s.id, cell: (s) => <span className="font-medium">{s.id}</span> },
  { id: 'models', name: 'Models', width: 'minmax(8rem, 2fr)', from: 'lg', cell: (s) => <Few of={s.models} /> },
  { id: 'app', name: 'App', width: 'minmax(6rem, 1fr)', from: 'xl', cell: (s) => <Few of={s.apps} /> },
  { id: 'last', name: 'Last request', width: '6.5rem', sort: (s) => s.last, cell: (s) => <Time at={s.last} /> },
  { id: 'time', name: 'Lasted', width: '5.5rem', align: 'right', from: 'lg', sort: lasted, cell: (s) => (s.requests > 1 ? duration(lasted(s)) : <None />) },
  { id: 'requests', name: 'Requests', width: '4.75rem', align: 'right', sort: (s) => s.requests, cell: (s) => <Count n={s.requests} /> },
  { id: 'errors', name: 'Errors', width: '3.75rem', align: 'right', from: 'md', sort: (s) => s.errors, cell: (s) => <span className={s.errors ? 'text-bad' : 'text-muted'}>{s.errors}</span> },
  {
    id: 'tokens',
    name: 'Tokens',
    width: '7rem',
    align: 'right',
    from: 'md',
    sort: (s) => s.input + s.output,
    cell: (s) => (
      <>
        <Tokens n={s.input} /> <span className="text-muted">→</span> <Tokens n={s.output} />
      </>
    ),
  },
  { id: 'cost', name: 'Cost', width: '6rem', align: 'right', from: 'md', sort: (s) => s.cost, cell: (s) => <Money amount={s.cost} /> },
]

/** Milliseconds from the first request to the last. */
function lasted(s: SessionOfRequests): number {
  return Date.parse(s.last) - Date.parse(s.first)
}

function Few({ of: list }: { of: readonly string[] }) {
  const [first, ...others] = list
  if (first === undefined) return <None />
  return (
    <span title={list.join(', ')}>
      {first}
      {others.length > 0 && <span className="text-muted"> + {others.length}</span>}
    </span>
  )
}

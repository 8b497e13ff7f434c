import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Columns3, Download, RefreshCw, ScrollText, SearchX } from 'lucide-react'
import { useCallback, useEffect, useMemo } from 'react'
import { useWorkspaceFilter } from '@/app/workspace'
import { csv, download } from '@/lib/csv'
import { count, plural } from '@/lib/format'
import { useMedia } from '@/lib/media'
import { Button, IconButton } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { EmptyState, ErrorState, PageHeader, SkeletonLines } from '@/ui/Panel'
import { Popover } from '@/ui/Popover'
import { Table } from '@/ui/Table'
import { Checkbox } from '@/ui/Toggle'
import { columnNames, columnsOf, usualColumns } from './columns'
import { filtersIn, LogFilters } from './LogFilters'
import { filterOf, type LogFilter, type LogRow, logQuery, tailQuery } from './queries'
import type { LogSearch } from './route'
import { SummaryPane, SummarySheet } from './Summary'

const route = getRouteApi('/shell/logs')
const pollEvery = 2000 // milliseconds

export function LogsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { ready, id: workspace } = useWorkspaceFilter()
  const { last, open, columns: chosen, live, ...rest } = search
  const narrowed = JSON.stringify({ last, ...rest })
  // A span is counted from when it was chosen, not from each render.
  const filter = useMemo(() => filterOf(JSON.parse(narrowed) as LogSearch, workspace, Date.now()), [narrowed, workspace])
  const log = useLog(filter, ready, Boolean(live))
  const roomy = useMedia('(width >= 68rem)')

  const set = useCallback((change: LogSearch) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true }), [navigate])
  const row = open ? log.rows.find((r) => r.id === open) : undefined
  const beside = row !== undefined && roomy
  const columns = useMemo(() => columnsOf(chosen, beside), [chosen, beside])
  const onOpen = (r: LogRow) => {
    if (r.id === open) void navigate({ to: '/generations/$id', params: { id: r.id }, search: {} })
    else set({ open: r.id })
  }
  const close = () => set({ open: undefined })
  const narrow = (to: LogSearch) => set({ ...to, open: undefined })
  return (
    <>
      <PageHeader
        title="Logs"
        about={<Found log={log} />}
        actions={
          <>
            <LiveButton live={Boolean(live)} onChange={(on) => set({ live: on || undefined })} />
            <IconButton icon={RefreshCw} kind="plain" label="Look for new requests" onClick={() => void log.refresh()} />
            <ColumnChoice chosen={chosen ?? usualColumns} onChange={(to) => set({ columns: to.join() === usualColumns.join() ? undefined : to })} />
            <IconButton icon={Download} kind="plain" label="Save what is shown as CSV" disabled={log.rows.length === 0} onClick={() => save(log.rows)} />
          </>
        }
      >
        <LogFilters search={search} set={set} />
      </PageHeader>
      {log.error && log.rows.length === 0 ? (
        <ErrorState error={log.error} onRetry={() => void log.retry()} />
      ) : log.loading ? (
        <div className="page-pad">
          <SkeletonLines lines={14} />
        </div>
      ) : (
        <div className="flex min-h-0 flex-1 border-t border-line">
          <Table
            label="Requests"
            columns={columns}
            rows={log.rows}
            rowKey={(r) => r.id}
            selected={open}
            onOpen={onOpen}
            onMove={beside ? (r) => set({ open: r.id }) : undefined}
            onEnd={log.more}
            fresh={(r) => log.fresh.has(r.id)}
            empty={<Nothing searching={log.searching} filtered={filtersIn(search) > 0} />}
          />
          {beside && <SummaryPane row={row} onClose={close} narrow={narrow} />}
        </div>
      )}
      {row && !roomy && <SummarySheet row={row} onClose={close} narrow={narrow} />}
    </>
  )
}

/** The log that fits the filter: what was there, and what came since. */
function useLog(filter: LogFilter, ready: boolean, live: boolean) {
  const client = useQueryClient()
  const past = useInfiniteQuery({ ...logQuery(filter), enabled: ready })
  const newest = past.data?.pages[0]?.newest ?? ''
  const tail = useQuery({ ...tailQuery(client, filter, newest), enabled: live && past.data !== undefined && !past.isPlaceholderData, refetchInterval: live ? pollEvery : false })
  const rows = useMemo(() => [...(tail.data?.rows ?? []), ...(past.data?.pages ?? []).flatMap((p) => p.data)], [tail.data, past.data])
  const fresh = useMemo(() => new Set(tail.data?.fresh), [tail.data?.fresh])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = past
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  // A filter that few requests fit may have pages without any: the next is looked at until there is one.
  const searching = rows.length === 0 && hasNextPage
  const goOn = searching && !past.isFetching && !past.error
  useEffect(() => {
    if (goOn) more()
  }, [goOn, more])
  return {
    rows,
    more,
    searching,
    complete: past.data !== undefined && !hasNextPage,
    fresh,
    loading: past.isPending,
    error: past.error ?? tail.error,
    refresh: () => (past.data ? tail.refetch() : past.refetch()),
    retry: past.refetch,
  }
}

function Found({ log }: { log: ReturnType<typeof useLog> }) {
  if (log.loading) return 'What was asked of the gateway, and what became of it.'
  if (log.error) return <span className="text-bad">{log.error.message}</span>
  if (log.complete) return plural(log.rows.length, 'request')
  return `The newest ${count(log.rows.length)} requests; more as you scroll`
}

function LiveButton({ live, onChange }: { live: boolean; onChange: (live: boolean) => void }) {
  return (
    <Button aria-pressed={live} onClick={() => onChange(!live)}>
      <span aria-hidden className={cx('size-2 rounded-full', live ? 'animate-pulse bg-good' : 'bg-edge')} />
      {live ? 'Live' : 'Follow'}
    </Button>
  )
}

function ColumnChoice({ chosen, onChange }: { chosen: readonly string[]; onChange: (to: string[]) => void }) {
  const toggle = (id: string, on: boolean) => onChange(columnNames.map((c) => c.id).filter((c) => (c === id ? on : chosen.includes(c))))
  return (
    <Popover label="Columns" align="end" className="max-h-96 p-3" trigger={<IconButton icon={Columns3} kind="plain" label="Columns" tooltip={false} />}>
      <fieldset className="grid grid-cols-2 gap-x-6 gap-y-1.5 text-sm">
        <legend className="sr-only">Columns</legend>
        {columnNames.map((c) => (
          <Checkbox key={c.id} label={c.name} checked={chosen.includes(c.id)} disabled={chosen.length === 1 && chosen.includes(c.id)} onChange={(on) => toggle(c.id, on)} />
        ))}
      </fieldset>
    </Popover>
  )
}

function Nothing({ searching, filtered }: { searching: boolean; filtered: boolean }) {
  if (searching) {
    return (
      <div className="page-pad pt-6">
        <SkeletonLines lines={6} />
      </div>
    )
  }
  if (filtered) {
    return (
      <EmptyState icon={SearchX} title="No request fits">
        Try fewer filters or a longer time.
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={ScrollText} title="No request yet">
      Every request to the gateway is listed here when it has ended, with who made it, where it went and what it cost. No prompt and no answer is in it.
    </EmptyState>
  )
}

const file: readonly [string, (r: LogRow) => string | number | boolean | null][] = [
  ['id', (r) => r.id],
  ['created_at', (r) => r.created_at],
  ['status', (r) => r.status],
  ['outcome', (r) => r.outcome],
  ['error', (r) => r.error?.message ?? null],
  ['asked', (r) => r.asked],
  ['model', (r) => r.model],
  ['provider', (r) => r.provider_name],
  ['endpoint', (r) => r.endpoint_id],
  ['key', (r) => r.api_key_name],
  ['member', (r) => r.user_email],
  ['workspace', (r) => r.workspace_name],
  ['app', (r) => r.app],
  ['tokens_prompt', (r) => r.tokens_prompt],
  ['tokens_completion', (r) => r.tokens_completion],
  ['tokens_cached', (r) => r.native_tokens_cached],
  ['tokens_reasoning', (r) => r.native_tokens_reasoning],
  ['cost_usd', (r) => r.total_cost.toFixed(9)],
  ['latency_ms', (r) => r.latency],
  ['duration_ms', (r) => r.generation_time],
  ['attempts', (r) => r.attempts],
  ['finish_reason', (r) => r.finish_reason],
  ['streamed', (r) => r.streamed],
  ['session', (r) => r.session_id],
  ['user', (r) => r.external_user],
]

function save(rows: readonly LogRow[]) {
  download('requests.csv', csv(file.map(([name]) => name), rows.map((r) => file.map(([, value]) => value(r)))), 'text/csv')
}

import { percent, speed } from '@/lib/format'
import { Count, Duration, Money, None, Time, Tokens } from '@/ui/Format'
import { Outcome } from '@/ui/Outcome'
import type { Column } from '@/ui/Table'
import type { LogRow } from './queries'

/** When a request ended: the log is in this order. */
const ended = (r: LogRow) => new Date(Date.parse(r.created_at) + (r.generation_time ?? 0)).toISOString()

/** Every column of the log. Those with `usual` are shown unless others are chosen, of them those with `beside` where a request's summary is beside them. */
const all: readonly (Column<LogRow> & { usual?: true; beside?: true })[] = [
  { id: 'time', name: 'Ended', width: '6.25rem', usual: true, beside: true, cell: (r) => <Time at={ended(r)} as="clock" /> },
  { id: 'came', name: 'Received', width: '6.25rem', cell: (r) => <Time at={r.created_at} as="clock" /> },
  { id: 'status', name: 'Status', width: '6.5rem', usual: true, beside: true, cell: (r) => <Outcome status={r.status} outcome={r.outcome} code={r.error?.status} /> },
  { id: 'model', name: 'Model', width: 'minmax(8rem, 2fr)', usual: true, beside: true, cell: (r) => <span className={r.model ? 'font-medium' : 'text-muted'}>{r.model ?? r.asked}</span> },
  { id: 'provider', name: 'Provider', width: 'minmax(6.5rem, 1fr)', usual: true, from: 'lg', cell: (r) => r.provider_name ?? <None /> },
  { id: 'endpoint', name: 'Endpoint', width: 'minmax(10rem, 2fr)', cell: (r) => r.endpoint_id ?? <None /> },
  { id: 'key', name: 'Key', width: 'minmax(6.5rem, 1fr)', usual: true, from: 'lg', cell: (r) => r.api_key_name ?? r.api_key_label ?? r.api_key_hash.slice(0, 8) },
  { id: 'member', name: 'Member', width: 'minmax(8rem, 1fr)', cell: (r) => r.user_email ?? r.user_id ?? <None /> },
  { id: 'app', name: 'App', width: 'minmax(6rem, 1fr)', usual: true, from: 'xl', cell: (r) => r.app ?? <None /> },
  { id: 'tokens', name: 'Tokens', width: '7rem', align: 'right', usual: true, from: 'md', cell: (r) => <InOut of={r} /> },
  { id: 'reasoning', name: 'Reasoning', width: '5.5rem', align: 'right', cell: (r) => <Tokens n={r.native_tokens_reasoning} /> },
  { id: 'cached', name: 'Cached', width: '5rem', align: 'right', cell: (r) => (r.cached_share === null ? <None /> : percent(r.cached_share * 100)) },
  { id: 'cost', name: 'Cost', width: '6rem', align: 'right', usual: true, beside: true, cell: (r) => <Money amount={r.total_cost} /> },
  { id: 'latency', name: 'Latency', width: '4.75rem', align: 'right', usual: true, beside: true, from: 'md', cell: (r) => <Duration ms={r.latency} /> },
  { id: 'duration', name: 'Duration', width: '5rem', align: 'right', cell: (r) => <Duration ms={r.generation_time} /> },
  { id: 'speed', name: 'Speed', width: '6rem', align: 'right', cell: (r) => (r.throughput === null ? <None /> : speed(r.throughput)) },
  { id: 'attempts', name: 'Attempts', width: '5.5rem', align: 'right', cell: (r) => <Count n={r.attempts} /> },
  { id: 'finish', name: 'Finish', width: '6.5rem', cell: (r) => r.finish_reason ?? <None /> },
  { id: 'streamed', name: 'Streamed', width: '5.5rem', cell: (r) => (r.streamed ? 'yes' : 'no') },
  { id: 'session', name: 'Session', width: 'minmax(7rem, 1fr)', cell: (r) => r.session_id ?? <None /> },
  { id: 'user', name: 'User', width: 'minmax(6rem, 1fr)', cell: (r) => r.external_user ?? <None /> },
  { id: 'workspace', name: 'Workspace', width: 'minmax(8rem, 1fr)', cell: (r) => r.workspace_name ?? <None /> },
  { id: 'id', name: 'Id', width: '17rem', cell: (r) => <span className="font-mono text-xs">{r.id}</span> },
]

/** Tokens of the prompt and of the answer. */
function InOut({ of: r }: { of: LogRow }) {
  return (
    <>
      <Tokens n={r.tokens_prompt} /> <span className="text-muted">→</span> <Tokens n={r.tokens_completion} />
    </>
  )
}

export const columnNames = all.map(({ id, name }) => ({ id, name }))
export const usualColumns = all.filter((c) => c.usual).map((c) => c.id)

/** The columns to show; those that were chosen are there however little room there is. */
export function columnsOf(chosen: readonly string[] | undefined, beside: boolean): Column<LogRow>[] {
  if (chosen) return all.filter((c) => chosen.includes(c.id)).map((c) => ({ ...c, from: undefined }))
  return all.filter((c) => (beside ? c.beside : c.usual))
}

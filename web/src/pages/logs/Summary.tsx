import { Link } from '@tanstack/react-router'
import { ArrowUpRight, Filter, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { percent, plural, speed } from '@/lib/format'
import { buttonClass, IconButton } from '@/ui/Button'
import { CopyButton, Mono } from '@/ui/Code'
import { Sheet } from '@/ui/Dialog'
import { Duration, Money, None, Time, Tokens } from '@/ui/Format'
import { Outcome } from '@/ui/Outcome'
import { Facts, Note, Stat, Stats } from '@/ui/Panel'
import type { LogRow } from './queries'
import type { LogSearch } from './route'

type Props = { row: LogRow; onClose: () => void; narrow: (to: LogSearch) => void }

/** A request in short, beside the log. */
export function SummaryPane({ row, onClose, narrow }: Props) {
  return (
    <aside aria-label="Request" className="flex w-96 shrink-0 flex-col border-l border-line bg-surface">
      <header className="flex items-center gap-2 border-b border-line py-1.5 pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{row.model ?? row.asked}</h2>
        <IconButton icon={X} label="Close" small tooltip={false} onClick={onClose} />
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4" tabIndex={0} role="region" aria-label="Summary">
        <Summary row={row} narrow={narrow} />
      </div>
      <footer className="border-t border-line px-4 py-2.5">
        <OpenLink id={row.id} />
      </footer>
    </aside>
  )
}

/** The same in front of the log, where there is no room beside it. */
export function SummarySheet({ row, onClose, narrow }: Props) {
  return (
    <Sheet open onOpenChange={onClose} title={row.model ?? row.asked} actions={<OpenLink id={row.id} />}>
      <Summary row={row} narrow={narrow} />
    </Sheet>
  )
}

function OpenLink({ id }: { id: string }) {
  return (
    <Link to="/generations/$id" params={{ id }} className={buttonClass('primary')}>
      Open the request
      <ArrowUpRight className="size-4" aria-hidden />
    </Link>
  )
}

function Summary({ row: r, narrow }: { row: LogRow; narrow: (to: LogSearch) => void }) {
  const only = (what: string, text: ReactNode, to: LogSearch) => (
    <Narrowable key={what} what={what} onNarrow={() => narrow(to)}>
      {text}
    </Narrowable>
  )
  return (
    <>
      {r.error && <Note kind="bad">{r.error.message}</Note>}
      <Stats>
        <Stat label="Cost" note={r.is_byok ? 'own provider key' : undefined}>
          <Money amount={r.total_cost} />
        </Stat>
        <Stat label="Latency" note="to the first content">
          <Duration ms={r.latency} />
        </Stat>
        <Stat label="Duration" note={r.throughput === null ? undefined : speed(r.throughput)}>
          <Duration ms={r.generation_time} />
        </Stat>
        <Stat label="Tokens" note="in, out">
          <Tokens n={r.tokens_prompt} /> <span className="font-normal text-muted">→</span> <Tokens n={r.tokens_completion} />
        </Stat>
      </Stats>
      <Facts
        rows={[
          ['Status', <Outcome key="s" status={r.status} outcome={r.outcome} code={r.error?.status} />],
          ['Received', <Time key="t" at={r.created_at} as="clock" />],
          [
            'Id',
            <span key="i" className="flex items-center gap-1">
              <Mono className="min-w-0 truncate">{r.id}</Mono>
              <CopyButton text={r.id} label="Copy the id" />
            </span>,
          ],
          ['Asked for', r.asked],
          ['Model', r.model ? only('model', r.model, { model: [r.model] }) : <None key="m" />],
          ['Provider', r.provider_name ? only('provider', r.provider_name, { provider: [r.provider_name] }) : <None key="p" />],
          ['Attempts', plural(r.attempts, 'attempt')],
          ['Key', only('key', r.api_key_name ?? r.api_key_label ?? r.api_key_hash, { key: [r.api_key_hash] })],
          ['Member', r.user_id ? only('member', r.user_email ?? r.user_id, { member: [r.user_id] }) : <None key="u" />],
          ['App', r.app ? only('app', r.app, { app: [r.app] }) : <None key="a" />],
          ['Session', r.session_id ? only('session', r.session_id, { session: r.session_id }) : <None key="n" />],
          ['User', r.external_user ? only('user', r.external_user, { user: r.external_user }) : <None key="x" />],
          ['Workspace', r.workspace_name ?? <None key="w" />],
          ['Finish', r.finish_reason ?? <None key="f" />],
          ['Streamed', r.streamed ? 'yes' : 'no'],
          ['Cached', r.cached_share === null ? <None key="c" /> : `${percent(r.cached_share * 100)} of the prompt`],
          ['Reasoning', <Tokens key="r" n={r.native_tokens_reasoning} />],
        ]}
      />
    </>
  )
}

/** A value that the log can be narrowed to. */
function Narrowable({ what, onNarrow, children }: { what: string; onNarrow: () => void; children: ReactNode }) {
  return (
    <span className="flex items-center gap-1">
      <span className="min-w-0 truncate">{children}</span>
      <IconButton icon={Filter} small label={`Only this ${what}`} onClick={onNarrow} className="-my-1" />
    </span>
  )
}

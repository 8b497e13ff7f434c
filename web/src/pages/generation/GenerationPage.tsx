import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Terminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { indented } from '@/lib/exact'
import { plural, speed, tokens } from '@/lib/format'
import { Button } from '@/ui/Button'
import { Badge, type Tone } from '@/ui/Badge'
import { Code, CopyButton, Mono } from '@/ui/Code'
import { Duration, Money, None, Time, Tokens } from '@/ui/Format'
import { Outcome } from '@/ui/Outcome'
import { ErrorState, Facts, Note, PageBody, PageHeader, Panel, SkeletonLines, Stat, Stats } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { Bill } from './Bill'
import { Content } from './Content'
import { Decision } from './Decision'
import { Feedback } from './Feedback'
import { type Explanation, type Generation, generationQuery, rowQuery } from './queries'
import { ReceiptPanel } from './ReceiptPanel'
import { Waterfall } from './Waterfall'

const route = getRouteApi('/shell/generations/$id')

export function GenerationPage() {
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(generationQuery(id))
  if (error) {
    return (
      <>
        <PageHeader width="widest" above={<ToLogs />} title={id} />
        <ErrorState title="This request could not be loaded" error={error} onRetry={() => void refetch()} />
      </>
    )
  }
  if (!data) {
    return (
      <>
        <PageHeader width="widest" above={<ToLogs />} title={id} />
        <PageBody width="widest">
          <SkeletonLines lines={12} />
        </PageBody>
      </>
    )
  }
  return <Loaded record={data.record} json={data.json} />
}

function Loaded({ record: g, json }: { record: Generation; json: string }) {
  const { view = 'record' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <PageHeader
        width="widest"
        above={<ToLogs />}
        title={g.model}
        about={
          <span className="flex items-center gap-1">
            <Mono className="min-w-0 truncate">{g.id}</Mono>
            <CopyButton text={g.id} label="Copy the id" />
          </span>
        }
        actions={
          <>
            <Segments
              label="View"
              value={view}
              onChange={(to) => void navigate({ search: (old) => ({ ...old, view: to === 'json' ? to : undefined }), replace: true })}
              options={[
                { value: 'record', label: 'Record' },
                { value: 'json', label: 'JSON' },
              ]}
            />
            <CurlButton id={g.id} />
          </>
        }
      />
      {view === 'json' ? (
        <PageBody width="widest">
          <Code label="Record" text={indented(json)} />
        </PageBody>
      ) : (
        <Record of={g} />
      )}
    </>
  )
}

function ToLogs() {
  return (
    <Link to="/logs" className="hover:text-ink">
      Logs
    </Link>
  )
}

function CurlButton({ id }: { id: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(`curl '${location.origin}/api/v1/generation?id=${encodeURIComponent(id)}' \\\n  -H "Authorization: Bearer $DRAGOMAN_KEY"`)
      toast('The command is copied')
    } catch {
      toast('The browser does not allow copying here', { bad: true })
    }
  }
  return (
    <Button icon={Terminal} onClick={() => void copy()}>
      Record as curl
    </Button>
  )
}

function Record({ of: g }: { of: Generation }) {
  const d = g.dragoman
  const seconds = (g.generation_time ?? 0) / 1000
  const status = d.outcome === 'cancelled' ? 'cancelled' : d.outcome === 'completed' || d.outcome === 'empty' ? 'ok' : 'error'
  return (
    <PageBody width="widest">
      <Stats>
        <Stat label="Status" note={g.finish_reason ? `finish ${g.finish_reason}` : undefined}>
          <Outcome status={status} outcome={d.outcome} code={d.error?.status} />
        </Stat>
        <Stat label="Cost" note={g.is_byok ? 'own provider key' : undefined}>
          <Money amount={g.total_cost} />
        </Stat>
        <Stat label="Latency" note="to the first content">
          <Duration ms={g.latency} />
        </Stat>
        <Stat label="Duration" note={g.streamed ? 'streamed' : 'not streamed'}>
          <Duration ms={g.generation_time} />
        </Stat>
        <Stat label="Speed" note="to the end">
          {seconds > 0 && g.tokens_completion > 0 ? speed(g.tokens_completion / seconds) : <None />}
        </Stat>
        <Stat label="Tokens" note={g.native_tokens_cached > 0 ? `in, out; ${tokens(g.native_tokens_cached)} cached` : 'in, out'}>
          <Tokens n={g.tokens_prompt} /> <span className="font-normal text-muted">→</span> <Tokens n={g.tokens_completion} />
        </Stat>
      </Stats>
      {d.error && <Note kind="bad">{d.error.message}</Note>}
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-6">
          <Panel title="Timeline" about={d.attempts.length === 0 ? 'No provider was called' : `${plural(d.attempts.length, 'attempt')}, ${g.streamed ? 'streamed' : 'not streamed'}`}>
            <Waterfall of={g} />
          </Panel>
          <Decision of={d} />
          <Losses of={d} />
          <Content of={g} />
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <Bill of={g} />
          <Request of={g} />
          {d.receipt && <ReceiptPanel id={g.id} />}
          <Feedback of={g} />
        </div>
      </div>
    </PageBody>
  )
}

/** What did not get through as it was sent: losses in translation, what content filters did, what models judged. */
function Losses({ of: d }: { of: Explanation }) {
  const losses = [...d.losses, ...d.attempts.flatMap((a) => a.losses ?? [])].filter((l, i, all) => all.findIndex((o) => o.path === l.path && o.why === l.why) === i)
  const filtered = d.filtered ?? []
  const moderated = d.moderated ?? []
  if (losses.length + filtered.length + moderated.length === 0) return null
  return (
    <Panel title="Not as it was sent" about="What the endpoint’s protocol cannot carry, what content filters did, what guardrails’ models said" flush>
      <ul>
        {losses.map((l) => (
          <Changed key={l.path + l.why} what={l.path} tone="plain" word="lost">
            {l.why}
          </Changed>
        ))}
        {filtered.map((f) => (
          <Changed key={f.guardrail + f.filter} what={f.filter} tone="warn" word={filterWords[f.action] ?? f.action}>
            {plural(f.count, 'time')}
          </Changed>
        ))}
        {moderated.map((m) => (
          <Changed key={m.guardrail + m.model} what={m.model} tone={m.action === 'pass' ? 'good' : 'warn'} word={verdicts[m.action]}>
            {m.failed ?? m.categories?.join(', ')}
          </Changed>
        ))}
      </ul>
    </Panel>
  )
}

const filterWords: Record<string, string> = { redact: 'redacted', flag: 'flagged', block: 'blocked' }
const verdicts = { pass: 'passed', flag: 'flagged', block: 'blocked' }

function Changed({ what, tone, word, children }: { what: string; tone: Tone; word: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2 text-sm first:border-t-0">
      <Badge tone={tone}>{word}</Badge>
      <Mono className="break-all">{what}</Mono>
      <span className="text-muted">{children}</span>
    </li>
  )
}

/** Whose request it was, and how it came. */
function Request({ of: g }: { of: Generation }) {
  const { data: row } = useQuery(rowQuery(g.id))
  const d = g.dragoman
  const [author = '', slug = ''] = g.model.split('/')
  return (
    <Panel title="Request">
      <Facts
        rows={[
          ['Received', <Time key="t" at={g.created_at} as="clock" />],
          ['Asked for', d.asked],
          [
            'Model',
            slug ? (
              <Link key="m" to="/models/$author/$slug" params={{ author, slug }} className="text-accent hover:underline">
                {g.model}
              </Link>
            ) : (
              g.model
            ),
          ],
          ['Provider', g.provider_name ?? <None key="p" />],
          ['Kind', g.api_type ?? <None key="k" />],
          [
            'Key',
            row ? (
              <Link key="y" to="/logs" search={{ key: [row.api_key_hash] }} className="text-accent hover:underline">
                {row.api_key_name ?? row.api_key_label ?? row.api_key_hash.slice(0, 12)}
              </Link>
            ) : (
              <None key="y" />
            ),
          ],
          ['Member', row?.user_email ?? row?.user_id ?? <None key="e" />],
          ['Workspace', row?.workspace_name ?? <None key="w" />],
          ['App', row?.app ?? <None key="a" />],
          ['User', g.external_user ?? <None key="u" />],
          [
            'Session',
            g.session_id ? (
              <Link key="s" to="/logs" search={{ session: g.session_id }} className="text-accent hover:underline">
                {g.session_id}
              </Link>
            ) : (
              <None key="s" />
            ),
          ],
          ['Preset', d.preset ? `${d.preset.slug}, version ${d.preset.version}` : <None key="r" />],
          ...(d.structured ? ([['Schema', d.structured]] as const) : []),
          ...(g.service_tier ? ([['Service tier', g.service_tier]] as const) : []),
          ['Provider’s finish', g.native_finish_reason ?? <None key="f" />],
          ['Provider’s id', g.upstream_id ? <Mono key="i">{g.upstream_id}</Mono> : <None key="i" />],
          ['Request id', g.request_id ? <Mono key="q">{g.request_id}</Mono> : <None key="q" />],
          ['Client', g.user_agent ?? <None key="c" />],
        ]}
      />
    </Panel>
  )
}

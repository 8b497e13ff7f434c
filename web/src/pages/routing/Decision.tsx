import { count, money, percent } from '@/lib/format'
import { whyOut, whyThere } from '@/lib/reasons'
import { Badge } from '@/ui/Badge'
import { Mono, PartedId } from '@/ui/Code'
import { cx } from '@/ui/cx'
import { Money, None, PerMillion } from '@/ui/Format'
import { Facts, Note, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import type { Explained } from './queries'

type Step = Explained['steps'][number] & { place: number }
type Dropped = NonNullable<Explained['decision']['dropped']>[number]

/** A decision: the steps in their order, who is out and why, and what governs the request. */
export function Decision({ of: d, busy }: { of: Explained; busy: boolean }) {
  const dropped = d.decision.dropped ?? []
  return (
    <div aria-live="polite" aria-busy={busy} className={cx('flex flex-col gap-6 transition-opacity', busy && 'opacity-60')}>
      {d.refusal && (
        <Note kind="bad">
          The request would be refused with {d.refusal.status}: {d.refusal.message}
        </Note>
      )}
      {d.steps.length > 0 && (
        <Panel title="Would be tried" about={`In this order, until one answers. At most ${money(d.hold)} would be held.`} flush>
          <PlainTable label="Endpoints that would be tried" columns={steps} rows={d.steps.map((s, i) => ({ ...s, place: i + 1 }))} rowKey={(s) => `${s.endpoint} ${s.credential_id ?? ''}`} />
        </Panel>
      )}
      {dropped.length > 0 && (
        <Panel title="Out" flush>
          <PlainTable label="Endpoints that are out" columns={outs} rows={dropped} rowKey={(x) => x.endpoint} />
        </Panel>
      )}
      <Panel title="What governs it">
        <Facts
          rows={[
            ['Asked for', <Mono key="asked">{d.asked}</Mono>],
            ['Prompt', `about ${count(d.prompt_tokens)} tokens`],
            ['Order', d.policy.sort ?? 'balanced'],
            ...d.policy.rules.map((r, i) => [i === 0 ? 'Rules' : ' '.repeat(i), `${words(r.rule)}${r.values?.length ? `: ${r.values.join(', ')}` : ''} (${r.from})`] as const),
            ...d.losses.map((l) => [`Cannot carry ${l.path}`, l.why] as const),
            ['Seed', String(d.decision.seed)],
            ['Catalogue', <Mono key="revision">{d.decision.catalog.slice(0, 16)}</Mono>],
          ]}
        />
      </Panel>
    </div>
  )
}

const steps: Column<Step>[] = [
  { id: 'place', name: '', width: '2.5rem', align: 'right', cell: (s) => <span className="text-muted">{s.place}</span> },
  {
    id: 'endpoint',
    name: 'Endpoint',
    width: 'minmax(10rem, 2fr)',
    cell: (s) => (
      <>
        <div className="font-medium">{s.provider_name}</div>
        <div className="text-muted">
          <PartedId>{s.endpoint}</PartedId>
        </div>
      </>
    ),
  },
  {
    id: 'why',
    name: 'Why',
    width: 'minmax(8rem, 2fr)',
    cell: (s) => (
      <div className="flex flex-wrap gap-1">
        {s.reasons.map((r) => (
          <Badge key={r}>{whyThere(r)}</Badge>
        ))}
        {s.credential_id && <Badge tone="accent">own key</Badge>}
        {s.losses.length > 0 && <Badge tone="warn">{`cannot carry ${s.losses.map((l) => l.path).join(', ')}`}</Badge>}
        {s.refusal && <Badge tone="bad">{s.refusal.message}</Badge>}
      </div>
    ),
  },
  { id: 'chance', name: 'First', width: '5rem', align: 'right', from: 'md', cell: (s) => (s.chance === null ? <None /> : percent(s.chance * 100)) },
  { id: 'input', name: 'Input / M', width: '6rem', align: 'right', from: 'lg', cell: (s) => <PerMillion price={s.pricing.prompt} /> },
  { id: 'output', name: 'Output / M', width: '6rem', align: 'right', from: 'lg', cell: (s) => <PerMillion price={s.pricing.completion} /> },
  { id: 'cost', name: 'At most', width: '6rem', align: 'right', cell: (s) => <Money amount={s.max_upstream_cost ?? s.max_cost} /> },
]

const outs: Column<Dropped>[] = [
  { id: 'endpoint', name: 'Endpoint', width: '2fr', cell: (x) => <PartedId>{x.endpoint}</PartedId> },
  { id: 'reason', name: 'Why it is out', width: '1fr', cell: (x) => whyOut(x.reason) },
]

function words(name: string): string {
  return name.replaceAll('_', ' ')
}

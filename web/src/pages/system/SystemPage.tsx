import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { api, ask, type Schemas } from '@/lib/api'
import { bytes, duration } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { Condition } from '@/ui/Condition'
import { buttonClass } from '@/ui/Button'
import { Mono } from '@/ui/Code'
import { Count, None, Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Facts, Note, PageBody, PageHeader, Panel, Stat, Stats } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'

type System = Schemas['System']

const systemQuery = queryOptions({
  queryKey: ['system'],
  refetchInterval: 10_000,
  queryFn: async () => (await ask(api.GET('/system'))).data,
})

export function SystemPage() {
  const system = useQuery(systemQuery)
  return (
    <>
      <PageHeader width="wide" title="System" about="How the gateway is doing. The numbers are read anew every ten seconds." />
      <Loaded of={system} lines={10} within="page">
        {(s) => (
          <PageBody>
            {!s.store.writable && <Note kind="bad">The disk takes no writes: requests are refused until it does. Make room, or look at its permissions.</Note>}
            {system.error && <Note kind="warn">The last reading failed: {system.error.message}</Note>}
            <Now of={s} />
            <div className="grid gap-6 lg:grid-cols-2">
              <Store of={s.store} />
              <Catalogue of={s.catalog} />
            </div>
            <Out of={s.endpoints_out} />
          </PageBody>
        )}
      </Loaded>
    </>
  )
}

function Now({ of: s }: { of: System }) {
  return (
    <Panel>
      <Stats>
        <Stat label="Version" note={s.go_version}>
          {s.version}
        </Stat>
        <Stat label="Up for">
          {duration(s.uptime_seconds * 1000)}
        </Stat>
        <Stat label="Requests now">
          <Count n={s.requests_in_flight} />
        </Stat>
        <Stat label="Memory" note={`${bytes(s.process.heap_bytes)} in use`}>
          {bytes(s.process.memory_bytes)}
        </Stat>
        <Stat label="Processors">
          <Count n={s.process.cpus} />
        </Stat>
        <Stat label="Goroutines">
          <Count n={s.process.goroutines} />
        </Stat>
      </Stats>
    </Panel>
  )
}

function Store({ of: s }: { of: System['store'] }) {
  return (
    <Panel title="Store">
      <Facts
        rows={[
          ['State', s.writable ? <Badge key="ok" tone="good">writable</Badge> : <Badge key="bad" tone="bad">takes no writes</Badge>],
          ['Kind', s.kind],
          ['Schema', <Count key="schema" n={s.schema_version} />],
          ['Database', bytes(s.database_bytes)],
          ['Journal', bytes(s.journal_bytes)],
          ['Kept answers', s.archive_bytes === null ? <None key="none" /> : bytes(s.archive_bytes)],
          ['Holds open', <Count key="holds" n={s.open_holds} />],
          ['Writes waiting', <Count key="writes" n={s.writes_queued} />],
        ]}
      />
    </Panel>
  )
}

function Catalogue({ of: c }: { of: System['catalog'] }) {
  const of = (n: number, all: number) => (
    <>
      <Count n={n} /> <span className="text-muted">of</span> <Count n={all} />
    </>
  )
  return (
    <Panel
      title="Catalogue"
      actions={
        <Link to="/models" className={buttonClass('quiet', true)}>
          Models
        </Link>
      }
    >
      <Facts
        rows={[
          ['Revision', <Mono key="revision">{c.revision.slice(0, 16)}</Mono>],
          ['Providers connected', of(c.providers_connected, c.providers)],
          ['Models that can be used', of(c.models_usable, c.models)],
          ['Endpoints that can be used', of(c.endpoints_usable, c.endpoints)],
          ['Newest price', c.prices_as_of ? <Time key="prices" at={c.prices_as_of} as="date" /> : <None key="none" />],
        ]}
      />
    </Panel>
  )
}

type OutOne = System['endpoints_out'][number]

const columns: Column<OutOne>[] = [
  { id: 'endpoint', name: 'Endpoint', width: '1fr', cell: (e) => <Mono>{e.endpoint}</Mono> },
  { id: 'state', name: 'State', width: '10rem', cell: (e) => <Condition state={e.state} /> },
  { id: 'until', name: 'Until', width: '10rem', cell: (e) => (e.until ? <Time at={e.until} /> : <span className="text-muted">calls go well</span>) },
]

function Out({ of: list }: { of: System['endpoints_out'] }) {
  return (
    <Panel title="Endpoints that routing moves back" flush>
      {list.length ? (
        <PlainTable label="Endpoints that routing moves back" columns={columns} rows={list} rowKey={(e) => e.endpoint} />
      ) : (
        <EmptyState icon={CircleCheck} title="None">
          Endpoints come here while their calls fail or their provider asks for a pause.
        </EmptyState>
      )}
    </Panel>
  )
}

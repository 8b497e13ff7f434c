import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, ask } from '@/lib/api'
import { guardrailsQuery, summaryOf } from '@/lib/guardrails'
import { percent } from '@/lib/format'
import { type Workspace, workspacesQuery } from '@/lib/queries'
import { Badge } from '@/ui/Badge'
import { Code, Copied } from '@/ui/Code'
import { Loaded } from '@/ui/Loaded'
import { Facts, PageBody, PageHeader, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'

const receiptsQuery = queryOptions({
  queryKey: ['receipts', 'key'],
  staleTime: Infinity,
  queryFn: async () => (await ask(api.GET('/receipts/key'))).data,
})

/** What is kept of requests, where they may go, and how that can be checked. */
export function PrivacyPage() {
  const workspaces = useQuery(workspacesQuery)
  const guardrails = useQuery(guardrailsQuery)
  return (
    <>
      <PageHeader width="text" title="Privacy" about="What is kept of requests, and where they may go." />
      <PageBody width="text">
        <Panel title="What the gateway keeps">
          <Facts
            rows={[
              ['Of every request', 'when it came and ended, model, endpoint, tokens, cost and the routing decision'],
              ['Prompts and answers', 'not kept, unless a workspace below says otherwise'],
              ['Under zero retention', 'nothing of prompts and answers, whatever a workspace says'],
            ]}
          />
        </Panel>
        <Panel title="Workspaces" about="The guardrail of all traffic of a workspace; keys and members may be under stricter ones." flush>
          <Loaded of={workspaces} lines={3} within="panel">
            {(list) => (
              <Loaded of={guardrails} lines={3} within="panel">
                {(rules) => <PlainTable label="Privacy of workspaces" rows={list} rowKey={(w) => w.id} columns={columns((w) => rules.find((g) => g.id === w.default_guardrail_id))} />}
              </Loaded>
            )}
          </Loaded>
        </Panel>
        <Receipts />
      </PageBody>
    </>
  )
}

function columns(ruleOf: (w: Workspace) => Parameters<typeof summaryOf>[0] | undefined): Column<Workspace>[] {
  return [
    { id: 'name', name: 'Workspace', width: '12rem', cell: (w) => <span className="font-medium">{w.name}</span> },
    {
      id: 'rules',
      name: 'For all its traffic',
      width: '1fr',
      cell: (w) => {
        const rule = ruleOf(w)
        const demands = rule ? summaryOf(rule) : []
        return (
          <Link to="/guardrails/$id" params={{ id: w.default_guardrail_id }} className="inline-flex flex-wrap gap-1 rounded-sm text-accent hover:underline">
            {demands.length ? demands.map((d) => <Badge key={d}>{d}</Badge>) : 'no rule; set one'}
          </Link>
        )
      },
    },
    {
      id: 'logging',
      name: 'Prompts and answers',
      width: '11rem',
      cell: (w) => (w.is_observability_io_logging_enabled ? <Badge tone="warn">{`${percent(w.io_logging_sampling_rate * 100)} kept ${w.io_logging_retention_days ?? 90} days`}</Badge> : <Badge tone="good">not kept</Badge>),
    },
  ]
}

function Receipts() {
  const key = useQuery(receiptsQuery)
  return (
    <Panel title="Receipts" about="A request that asks for a receipt gets a signed one. This key verifies it.">
      <Loaded of={key} lines={3}>
        {(k) => (
          <div className="flex flex-col gap-4">
            <Facts
              rows={[
                ['Algorithm', k.algorithm],
                ['Key id', <Copied key="id" text={k.key_id} label="Copy the key’s id" />],
              ]}
            />
            <Code text={k.public_key} label="Public key" />
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { sample, sampleKinds, sampleLanguages } from '@/lib/samples'
import { date } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { buttonClass } from '@/ui/Button'
import { Code, CopyButton, Mono } from '@/ui/Code'
import { PerMillion, Tokens } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { Markdown } from '@/ui/Markdown'
import { EmptyState, Note, PageBody, PageHeader, Stat, Stats } from '@/ui/Panel'
import { Segments, Tabs } from '@/ui/Tabs'
import { Endpoints } from './Endpoints'
import { Performance } from './Performance'
import { modelQuery } from './queries'

const route = getRouteApi('/shell/models/$author/$slug')

export function ModelPage() {
  const { author, slug } = route.useParams()
  const model = useQuery(modelQuery(author, slug))
  return (
    <Loaded of={model} lines={10} within="page" head={<PageHeader width="wide" above={<ToModels />} title={`${author}/${slug}`} />}>
      {(m) => <Whole model={m} />}
    </Loaded>
  )
}

function ToModels() {
  return (
    <Link to="/models" className="hover:text-ink">
      Models
    </Link>
  )
}

function Whole({ model: m }: { model: Model }) {
  const { can } = useSession()
  const { author, slug } = route.useParams()
  const { tab = 'endpoints' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <PageHeader
        width="wide"
        above={<ToModels />}
        title={m.name}
        about={
          <span className="flex items-center gap-1">
            <Mono>{m.id}</Mono>
            <CopyButton text={m.id} label="Copy the model’s id" />
            {m.reasoning && <Badge>reasoning</Badge>}
          </span>
        }
        actions={
          m.architecture.output_modalities.includes('text') &&
          !m.needs?.length && (
            <Link to="/chat" search={{ models: [m.id] }} className={buttonClass()}>
              Chat
            </Link>
          )
        }
      />
      <PageBody>
        {m.needs && m.needs.length > 0 && (
          <Note kind="warn">
            It cannot be used yet. One of these would make it: {m.needs.join(', ')}.
          </Note>
        )}
        {m.excluded_by && m.excluded_by.length > 0 && <Note kind="bad">Rules keep it from you: {m.excluded_by.join(', ')}.</Note>}
        <Stats>
          <Stat label="Context">
            <Tokens n={m.context_length} />
          </Stat>
          <Stat label="Longest answer">
            <Tokens n={m.top_provider.max_completion_tokens} />
          </Stat>
          <Stat label="Input" note="per million, the cheapest">
            <PerMillion price={m.pricing.prompt} />
          </Stat>
          <Stat label="Output" note="per million, the cheapest">
            <PerMillion price={m.pricing.completion} />
          </Stat>
          <Stat label="Takes" note={`gives ${m.architecture.output_modalities.join(', ')}`}>
            {m.architecture.input_modalities.join(', ')}
          </Stat>
          {m.created > 0 && <Stat label="Released">{date(new Date(m.created * 1000).toISOString())}</Stat>}
        </Stats>
        {m.description && (
          <div className="max-w-3xl text-muted">
            <Markdown text={m.description} />
          </div>
        )}
        <Tabs
          label="About the model"
          value={tab}
          onChange={(to) => void navigate({ search: (old) => ({ ...old, tab: to === 'endpoints' ? undefined : to }), replace: true })}
          tabs={[
            { id: 'endpoints', label: 'Endpoints', content: <Endpoints author={author} slug={slug} /> },
            ...(can('money:read') ? [{ id: 'performance' as const, label: 'Performance', content: <Performance id={m.id} /> }] : []),
            { id: 'parameters', label: 'Parameters', content: <Parameters model={m} /> },
            { id: 'api', label: 'API', content: <Sample model={m} /> },
          ]}
        />
      </PageBody>
    </>
  )
}

function Parameters({ model: m }: { model: Model }) {
  if (m.supported_parameters.length === 0) return <EmptyState title="No parameters are known" />
  const defaults = (m.default_parameters ?? {}) as Record<string, number | undefined>
  return (
    <ul className="grid gap-x-6 sm:grid-cols-2 lg:grid-cols-3">
      {[...m.supported_parameters].sort().map((p) => (
        <li key={p} className="flex justify-between gap-3 border-b border-line py-1.5">
          <Mono>{p}</Mono>
          {defaults[p] !== undefined && <span className="num text-sm text-muted">default {defaults[p]}</span>}
        </li>
      ))}
    </ul>
  )
}

function Sample({ model: m }: { model: Model }) {
  const { code = 'curl' } = route.useSearch()
  const navigate = route.useNavigate()
  if (!m.architecture.output_modalities.includes('text')) {
    return <EmptyState title="This model does not answer in text">Its API is not that of chat completions; the gateway’s /openapi.json describes it.</EmptyState>
  }
  return (
    <div className="flex max-w-3xl flex-col gap-3">
      <Segments label="Language" value={code} onChange={(to) => void navigate({ search: (old) => ({ ...old, code: to }), replace: true })} options={sampleLanguages.map((k) => ({ value: k.value, label: k.language }))} />
      <Code
        text={sample(code, { model: m.id, messages: [{ role: 'user', content: 'Hello!' }] })}
        label="Sample"
        language={sampleKinds.find((k) => k.value === code)?.code}
      />
    </div>
  )
}

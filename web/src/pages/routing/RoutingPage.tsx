import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Route as RouteIcon } from 'lucide-react'
import { useWorkspace } from '@/app/workspace'
import { useChoices } from '@/lib/choices'
import { keysQuery, modelsQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { EmptyState, ErrorState, PageBody, PageHeader, Panel, SkeletonLines } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { attempt } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { Decision } from './Decision'
import { explainQuery, type Order, useSetOrder } from './queries'

const route = getRouteApi('/shell/routing')

const orders: readonly { value: Order | ''; label: string }[] = [
  { value: '', label: 'Balanced' },
  { value: 'price', label: 'Lowest price first' },
  { value: 'throughput', label: 'Highest throughput first' },
  { value: 'latency', label: 'Lowest latency first' },
  { value: 'exacto', label: 'Best at tool calls first' },
]

export function RoutingPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const [workspace] = useWorkspace()
  const setOrder = useSetOrder()
  const models = useChoices(modelsQuery())
  const keys = useChoices(keysQuery(workspace?.id), { atOnce: Boolean(search.key) && can('keys:read') })
  const explained = useQuery({ ...explainQuery({ ...search, model: search.model ?? '', workspace: workspace?.id }), enabled: Boolean(search.model) })
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const order = workspace?.default_provider_sort ?? ''
  const change = (to: Order | '') => {
    if (!workspace) return
    void attempt(() => setOrder(workspace.id, to || null), 'The order is changed', () => setOrder(workspace.id, order || null))
  }
  return (
    <>
      <PageHeader width="wide" title="Routing" about="How endpoints are chosen, and where a request would go." />
      <PageBody>
        {workspace && (
          <Panel title="Order of endpoints" about={`In ${workspace.name}, where a request does not say.`}>
            <div className="max-w-sm">
              <Select aria-label="Order of endpoints" disabled={!can('rules:write')} value={order} onChange={change} options={orders} />
            </div>
            <p className="mt-2 text-sm text-muted">Balanced: cheaper endpoints are drawn more often, faulty ones come last. Any other order takes the first that works.</p>
          </Panel>
        )}
        <Panel title="Dry run" about="Nothing is sent to a provider and nothing is charged.">
          <div className="grid items-start gap-4 md:grid-cols-3">
            <Field label="Model">
              <Combobox free label="Model" onOpen={models.onOpen} placeholder="Choose a model" value={search.model ?? ''} onChange={(model) => set({ model: model || undefined })} choices={models.list && ['openrouter/auto', ...models.list.map((m) => m.id)].map((id) => ({ value: id, label: id }))} />
            </Field>
            <Field label="Order">
              <Select value={search.sort ?? ''} onChange={(sort) => set({ sort: sort || undefined })} options={[{ value: '' as const, label: 'The workspace’s' }, ...orders.filter((o): o is { value: Order; label: string } => o.value !== '')]} />
            </Field>
            {can('keys:read') && (
              <Field label="As the request of" optional>
                <Combobox label="Key" onOpen={keys.onOpen} placeholder="No key in particular" value={search.key ?? ''} onChange={(key) => set({ key: key || undefined })} choices={keys.list?.map((k) => ({ value: k.hash, label: k.name, note: k.label }))} />
              </Field>
            )}
          </div>
          <div className="mt-4 flex flex-wrap gap-x-6 gap-y-2">
            <Checkbox label="Zero data retention" checked={search.zdr ?? false} onChange={(c) => set({ zdr: c || undefined })} />
            <Checkbox label="With a tool" checked={search.tools ?? false} onChange={(c) => set({ tools: c || undefined })} />
          </div>
        </Panel>
        {!search.model ? (
          <EmptyState icon={RouteIcon} title="Choose a model">
            The decision shows every endpoint: in which order they would be tried, and why the others are out.
          </EmptyState>
        ) : explained.error ? (
          <ErrorState error={explained.error} onRetry={() => void explained.refetch()} />
        ) : explained.data ? (
          <Decision of={explained.data} busy={explained.isFetching} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </PageBody>
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, ShieldCheck } from 'lucide-react'
import { useWorkspace } from '@/app/workspace'
import { useForm } from '@/lib/form'
import { type Guardrail, guardrailsQuery, summaryOf } from '@/lib/guardrails'
import { type Workspace, workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Time } from '@/ui/Format'
import { Input, SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Note, PageHeader } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { TableSkeleton } from '@/ui/TableSkeleton'
import { TwoLines } from '@/ui/TwoLines'
import { useGuardrailActions } from './queries'

const route = getRouteApi('/shell/guardrails')

export function GuardrailsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const [workspace] = useWorkspace()
  const guardrails = useQuery(guardrailsQuery)
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const form = (to: 'new' | undefined) => void navigate({ search: (old) => ({ ...old, form: to }) })
  const open = (id: string) => void navigate({ to: '/guardrails/$id', params: { id }, search: {} })
  return (
    <>
      <PageHeader
        title="Guardrails"
        about="Rules for models, providers, privacy, spending and content. All that apply to a request hold together."
        actions={
          can('rules:write') && (
            <Button kind="primary" icon={Plus} onClick={() => form('new')}>
              New guardrail
            </Button>
          )
        }
      >
        <SearchInput label="Search guardrails" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md" />
      </PageHeader>
      <Loaded of={guardrails} skeleton={<TableSkeleton columns={columns} tall />}>
        {(list) => (
          <Table
            label="Guardrails"
            tall
            columns={columns}
            rows={rowsOf(list, workspaces).filter((r) => `${r.name} ${r.about}`.toLowerCase().includes((search.q ?? '').toLowerCase()))}
            rowKey={(r) => r.id}
            onOpen={(r) => open(r.id)}
            empty={<EmptyState icon={ShieldCheck} title="No guardrail matches" />}
          />
        )}
      </Loaded>
      {search.form === 'new' && can('rules:write') && <NewGuardrail workspace={workspace?.id} onClose={() => form(undefined)} onMade={open} />}
    </>
  )
}

/** A guardrail of the list. That of all traffic of a workspace, `home`, is there before anybody has made it. */
type Row = { id: string; name: string; about: string; home: boolean; made: Guardrail | undefined }

function rowsOf(list: Guardrail[], workspaces: Workspace[]): Row[] {
  const homes = workspaces.map((w): Row => {
    const made = list.find((g) => g.id === w.default_guardrail_id)
    return { id: w.default_guardrail_id, name: made?.name ?? `Default guardrail of ${w.name}`, about: `all traffic of ${w.name}`, home: true, made }
  })
  const others = list.filter((g) => !homes.some((h) => h.id === g.id)).map((g): Row => ({ id: g.id, name: g.name, about: g.description ?? '', home: false, made: g }))
  return [...homes, ...others]
}

const demands = (r: Row) => (r.made ? summaryOf(r.made) : [])

// On a phone what a guardrail demands stands below its name, which needs the width.
const columns: Column<Row>[] = [
  {
    id: 'name',
    name: 'Name',
    width: 'minmax(9rem, 2fr)',
    cell: (r) => (
      <TwoLines
        name={r.name}
        below={
          <>
            <span className="max-md:hidden">{r.about}</span>
            <span className="md:hidden">{demands(r).join(', ') || 'demands nothing'}</span>
          </>
        }
      />
    ),
  },
  {
    id: 'rules',
    name: 'Demands',
    width: 'minmax(9rem, 3fr)',
    from: 'md',
    cell: (r) => (
      <div className="flex gap-1 overflow-hidden">
        {demands(r).map((s) => (
          <Badge key={s}>{s}</Badge>
        ))}
        {demands(r).length === 0 && <span className="text-muted">nothing</span>}
      </div>
    ),
  },
  { id: 'changed', name: 'Changed', width: '7rem', from: 'md', cell: (r) => <Time at={r.made?.updated_at ?? r.made?.created_at} /> },
]

function NewGuardrail({ workspace, onClose, onMade }: { workspace: string | undefined; onClose: () => void; onMade: (id: string) => void }) {
  const { create } = useGuardrailActions()
  const form = useForm({ name: '' }, (v) => ({ name: v.name.trim() ? undefined : 'A name' }))
  return (
    <Dialog
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="New guardrail"
      description="It demands nothing at first; its page says what."
      onSubmit={() => void form.submit(async (v) => onMade((await create({ name: v.name.trim(), ...(workspace ? { workspace_id: workspace } : {}) })).id))}
      busy={form.busy}
      actions={<FormActions submit="Create guardrail" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Name" error={form.errors.name}>
        <Input autoFocus maxLength={200} value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}

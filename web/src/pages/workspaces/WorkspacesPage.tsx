import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useForm } from '@/lib/form'
import { type Workspace, workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Created } from '@/ui/Format'
import { Input, SearchInput, Textarea } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Note, PageHeader } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { TwoLines } from '@/ui/TwoLines'
import { useWorkspaceActions } from './queries'
import { changeOf, check, noWorkspace, orders, slugOf, type WorkspaceValues } from './values'

const route = getRouteApi('/shell/workspaces')

export function WorkspacesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const workspaces = useQuery(workspacesQuery)
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const form = (to: 'new' | undefined) => void navigate({ search: (old) => ({ ...old, form: to }) })
  const open = (slug: string) => void navigate({ to: '/workspaces/$id', params: { id: slug }, search: {} })
  const words = (search.q ?? '').toLowerCase()
  return (
    <>
      <PageHeader
        title="Workspaces"
        about="Groups of keys, with budgets, rules and defaults of their own."
        actions={
          can('rules:write') && (
            <Button kind="primary" icon={Plus} onClick={() => form('new')}>
              New workspace
            </Button>
          )
        }
      >
        <SearchInput label="Search workspaces" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md" />
      </PageHeader>
      <Loaded of={workspaces} lines={8} within="page">
        {(list) => (
          <Table
            label="Workspaces"
            tall
            columns={columns}
            rows={list.filter((w) => `${w.name} ${w.slug} ${w.description ?? ''}`.toLowerCase().includes(words))}
            rowKey={(w) => w.id}
            sort={search.sort}
            onSort={(sort) => set({ sort })}
            onOpen={(w) => open(w.slug)}
            empty={<EmptyState title="No workspace matches" />}
          />
        )}
      </Loaded>
      {search.form === 'new' && can('rules:write') && <NewWorkspace onClose={() => form(undefined)} onMade={open} />}
    </>
  )
}

const columns: Column<Workspace>[] = [
  {
    id: 'name',
    name: 'Name',
    width: 'minmax(9rem, 2fr)',
    sort: (w) => w.name.toLowerCase(),
    cell: (w) => <TwoLines name={w.name} below={w.slug} mono />,
  },
  { id: 'about', name: 'What it is for', width: 'minmax(8rem, 3fr)', from: 'md', cell: (w) => <span className="text-muted">{w.description}</span> },
  { id: 'order', name: 'Order of endpoints', width: 'minmax(9rem, 1fr)', from: 'lg', cell: (w) => orders.find((o) => o.value === (w.default_provider_sort ?? ''))?.label.split(':')[0] },
  { id: 'created', name: 'Created', width: '8.5rem', sort: (w) => w.created_at, cell: (w) => <Created at={w.created_at} /> },
]

function NewWorkspace({ onClose, onMade }: { onClose: () => void; onMade: (slug: string) => void }) {
  const { create } = useWorkspaceActions()
  const form = useForm<WorkspaceValues>(noWorkspace, check)
  const v = form.values
  const named = (name: string) => form.set({ name, ...(v.slug === slugOf(v.name) ? { slug: slugOf(name) } : {}) })
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="New workspace"
      onSubmit={() => void form.submit(async (values) => onMade((await create(changeOf(values))).slug))}
      busy={form.busy}
      actions={<FormActions submit="Create workspace" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Name" error={form.errors.name}>
        <Input autoFocus maxLength={100} value={v.name} onChange={(e) => named(e.target.value)} />
      </Field>
      <Field label="Slug" hint="Stands in addresses and in the API." error={form.errors.slug}>
        <Input maxLength={50} spellCheck={false} className="font-mono" value={v.slug} onChange={(e) => form.set({ slug: e.target.value.trim() })} />
      </Field>
      <Field label="What it is for" optional error={form.errors.description}>
        <Textarea rows={3} maxLength={500} value={v.description} onChange={(e) => form.set({ description: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}

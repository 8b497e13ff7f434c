import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { membersQuery, type Workspace } from '@/lib/queries'
import { nameOf, roleLabel } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { MultiCombobox } from '@/ui/Combobox'
import { Created } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { attempt } from '@/ui/Toast'
import { useWorkspaceActions, type WorkspaceMember, workspaceMembersQuery } from './queries'

/** Who is in a workspace. Everybody is in the default one, `home`. */
export function WorkspaceMembers({ of: w, home }: { of: Workspace; home: boolean }) {
  const { can } = useSession()
  const places = useQuery(workspaceMembersQuery(w.id))
  const { data: members = [] } = useQuery(membersQuery)
  const { addMembers, removeMembers } = useWorkspaceActions()
  const [chosen, setChosen] = useState<string[]>([])
  const [busy, setBusy] = useState(false)
  const may = can('members:write') && !home
  const find = (id: string) => members.find((m) => m.id === id)
  const called = (id: string) => {
    const m = find(id)
    return m ? nameOf(m) : id
  }
  const run = (...what: Parameters<typeof attempt>) => {
    setBusy(true)
    return attempt(...what).finally(() => setBusy(false))
  }
  const add = () => run(() => addMembers(w.id, chosen), chosen.length === 1 ? `${called(chosen[0] ?? '')} is in the workspace` : `${chosen.length} members are in the workspace`).then(() => setChosen([]))
  const columns: Column<WorkspaceMember>[] = [
    {
      id: 'name',
      name: 'Name',
      width: '1fr',
      cell: (p) => (
        <>
          <div className="font-medium">{called(p.user_id)}</div>
          <div className="text-xs text-muted">{find(p.user_id)?.email}</div>
        </>
      ),
    },
    { id: 'role', name: 'Role', width: '7rem', cell: (p) => roleLabel(find(p.user_id)?.member_role ?? 'viewer') },
    { id: 'since', name: 'Since', width: '9rem', from: 'md', cell: (p) => <Created at={p.created_at} /> },
    ...(may
      ? [
          {
            id: 'remove',
            name: '',
            width: '5.5rem',
            align: 'right' as const,
            cell: (p: WorkspaceMember) => (
              <Button small kind="quiet" aria-label={`Remove ${called(p.user_id)}`} onClick={() => void run(() => removeMembers(w.id, [p.user_id]), `${called(p.user_id)} is out of the workspace`, () => addMembers(w.id, [p.user_id]))}>
                Remove
              </Button>
            ),
          },
        ]
      : []),
  ]
  return (
    <Loaded of={places} lines={5}>
      {(rows) => {
        const left = members.filter((m) => !rows.some((p) => p.user_id === m.id))
        return (
          <Panel title="Members" about={home ? 'Everybody is in the default workspace.' : undefined} flush>
            {may && left.length > 0 && (
              <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
                <div className="min-w-56 flex-1">
                  <MultiCombobox label="Members to add" placeholder="Choose members to add" value={chosen} onChange={setChosen} choices={left.map((m) => ({ value: m.id, label: nameOf(m), note: m.email }))} />
                </div>
                <Button busy={busy} disabled={chosen.length === 0} onClick={() => void add()}>
                  Add
                </Button>
              </div>
            )}
            {rows.length ? <PlainTable label="Members of the workspace" columns={columns} rows={rows} rowKey={(p) => p.id} /> : <EmptyState title="Nobody is in this workspace">Keys work without members. Members see the workspaces that they are in.</EmptyState>}
          </Panel>
        )
      }}
    </Loaded>
  )
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type Workspace, workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { IconButton } from '@/ui/Button'
import { CopyButton, Mono } from '@/ui/Code'
import { Confirm } from '@/ui/Dialog'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageBody, PageHeader } from '@/ui/Panel'
import { Tabs } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { Budgets } from './Budgets'
import { useWorkspaceActions } from './queries'
import { WorkspaceMembers } from './WorkspaceMembers'
import { WorkspaceSettings } from './WorkspaceSettings'

const route = getRouteApi('/shell/workspaces/$id')

export function WorkspacePage() {
  const { id } = route.useParams()
  const workspaces = useQuery(workspacesQuery)
  const head = <PageHeader width="text" above={<ToWorkspaces />} title={id} />
  return (
    <Loaded of={workspaces} lines={8} within="page" head={head}>
      {(list) => {
        const found = list.find((w) => w.id === id || w.slug === id)
        if (found) return <Open key={found.id} of={found} />
        return (
          <>
            {head}
            <EmptyState title="No workspace has this id">It was deleted, or is another organisation’s.</EmptyState>
          </>
        )
      }}
    </Loaded>
  )
}

function ToWorkspaces() {
  return (
    <Link to="/workspaces" className="hover:text-ink">
      Workspaces
    </Link>
  )
}

function Open({ of: w }: { of: Workspace }) {
  const { tab = 'budgets' } = route.useSearch()
  const navigate = route.useNavigate()
  const { can, default_workspace_id } = useSession()
  const { remove } = useWorkspaceActions()
  const [removing, setRemoving] = useState(false)
  const home = default_workspace_id === w.id
  return (
    <>
      <PageHeader
        width="text"
        above={<ToWorkspaces />}
        title={w.name}
        about={
          <>
            {w.description && <p>{w.description}</p>}
            <span className="flex items-center gap-1">
              <Mono>{w.slug}</Mono>
              <CopyButton text={w.id} label="Copy the workspace’s id" />
            </span>
          </>
        }
        actions={can('rules:write') && !home && <IconButton icon={Trash2} label="Delete the workspace" onClick={() => setRemoving(true)} />}
      />
      <PageBody width="text">
        <Tabs
          label="Workspace"
          value={tab}
          onChange={(to) => void navigate({ search: (old) => ({ ...old, tab: to === 'budgets' ? undefined : to }), replace: true })}
          tabs={[
            { id: 'budgets', label: 'Budgets', content: <Budgets of={w} /> },
            ...(can('members:read') ? [{ id: 'members' as const, label: 'Members', content: <WorkspaceMembers of={w} home={home} /> }] : []),
            { id: 'settings', label: 'Settings', content: <WorkspaceSettings of={w} /> },
          ]}
        />
      </PageBody>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Delete “${w.name}”?`}
        action="Delete workspace"
        type={w.slug}
        onConfirm={async () => {
          await remove(w.id)
          toast(`${w.name} is deleted`)
          await navigate({ to: '/workspaces', search: {} })
        }}
      >
        Its budgets and default rules go with it. A workspace with keys that work cannot be deleted.
      </Confirm>
    </>
  )
}

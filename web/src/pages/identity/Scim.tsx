import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { messageOf } from '@/lib/api'
import { type Workspace, workspacesQuery } from '@/lib/queries'
import { Button, IconButton } from '@/ui/Button'
import { Copied } from '@/ui/Code'
import { Confirm } from '@/ui/Dialog'
import { Count, None, Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { Once } from '@/ui/Once'
import { EmptyState, Facts, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { toast } from '@/ui/Toast'
import { MappingSheet } from './MappingSheet'
import { type Identity, type Mapping, mappingsQuery, useIdentityActions } from './queries'

type Props = { of: Identity['scim']; adding: boolean; onAdd: (on: boolean) => void }

/** SCIM: where an identity provider sends members and groups, and what the groups give. */
export function Scim({ of: scim, adding, onAdd }: Props) {
  const { makeToken } = useIdentityActions()
  const [token, setToken] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    try {
      setToken(await makeToken())
    } catch (e) {
      toast(messageOf(e), { bad: true })
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Panel
        title="Provisioning"
        about="An identity provider keeps members and groups with these."
        actions={
          <Button small icon={KeyRound} busy={busy} onClick={() => void make()}>
            Make a token
          </Button>
        }
      >
        <Facts
          rows={[
            ['Base URL', <Copied key="url" text={scim.base_url} label="Copy the base URL" />],
            ['Token', 'a management key of an admin; those there are stand in Keys'],
            ['Members it keeps', <Count key="users" n={scim.users} />],
            ['Groups', <Count key="groups" n={scim.groups} />],
            ['Last change', scim.changed_at ? <Time key="at" at={scim.changed_at} /> : <None key="at" />],
          ]}
        />
      </Panel>
      <Mappings groups={scim.groups} adding={adding} onAdd={onAdd} />
      <Once title="Copy the token" text={token} label="Token" onClose={() => setToken(null)}>
        This is the only time it is shown. It is nobody’s key: it goes on when whoever made it leaves. Narrow it in Keys to the provider’s addresses.
      </Once>
    </>
  )
}

function Mappings({ groups, adding, onAdd }: Omit<Props, 'of'> & { groups: number }) {
  const mappings = useQuery(mappingsQuery)
  const workspaces = useQuery(workspacesQuery)
  const { unmap } = useIdentityActions()
  const [removing, setRemoving] = useState<Mapping | null>(null)
  const add = groups > 0 && (
    <Button small icon={Plus} onClick={() => onAdd(true)}>
      Map a group
    </Button>
  )
  return (
    <Panel title="Group mappings" about="They put the members of a group into a workspace, and take them out when they leave it." actions={add} flush>
      <Loaded of={mappings} lines={3} within="panel">
        {(list) =>
          list.length ? (
            <PlainTable label="Group mappings" rows={list} rowKey={(m) => m.id} columns={columns(workspaces.data ?? [], setRemoving)} />
          ) : (
            <EmptyState icon={UsersRound} title="No group is mapped">
              {groups ? 'Groups mean nothing until they are mapped to a workspace.' : 'Groups come with the identity provider’s first push.'}
            </EmptyState>
          )
        }
      </Loaded>
      {adding && groups > 0 && <MappingSheet workspaces={workspaces.data ?? []} onClose={() => onAdd(false)} />}
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Remove the mapping of ${removing && groupOf(removing)}?`}
        action="Remove"
        onConfirm={async () => {
          if (!removing) return
          await unmap(removing.id)
          toast('The mapping is removed')
        }}
      >
        Whoever is in the workspace by this group alone leaves it, and their keys there stop working.
      </Confirm>
    </Panel>
  )
}

const groupOf = (m: Mapping) => m.scim_group_name ?? m.scim_group_id

function columns(workspaces: readonly Workspace[], onRemove: (m: Mapping) => void): Column<Mapping>[] {
  return [
    { id: 'group', name: 'Group', width: '1fr', cell: (m) => <span className="font-medium">{groupOf(m)}</span> },
    { id: 'workspace', name: 'Workspace', width: '1fr', cell: (m) => workspaces.find((w) => w.id === m.workspace_id)?.name ?? m.workspace_id },
    { id: 'role', name: 'Role', width: '6rem', cell: (m) => m.role },
    { id: 'actions', name: '', width: '2.5rem', cell: (m) => <IconButton icon={Trash2} small label={`Remove the mapping of ${groupOf(m)}`} onClick={() => onRemove(m)} /> },
  ]
}

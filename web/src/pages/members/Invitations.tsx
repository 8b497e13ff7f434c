import { useQuery } from '@tanstack/react-query'
import { MailPlus, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { workspacesQuery } from '@/lib/queries'
import { roleLabel } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { None, Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { EmptyState } from '@/ui/Panel'
import { type Column, Table } from '@/ui/Table'
import { toast } from '@/ui/Toast'
import { type Invitation, invitationsQuery, useMemberActions } from './queries'

/** Invitations that are open. */
export function Invitations({ q, action }: { q: string | undefined; action: ReactNode }) {
  const { can } = useSession()
  const open = useQuery(invitationsQuery)
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { withdraw } = useMemberActions()
  const [withdrawing, setWithdrawing] = useState<Invitation | null>(null)
  const names = new Map(workspaces.map((w) => [w.id, w.name]))
  const columns: Column<Invitation>[] = [
    { id: 'email', name: 'E-mail', width: 'minmax(9rem, 2fr)', cell: (i) => <span className="font-medium">{i.email}</span> },
    { id: 'role', name: 'Role', width: 'minmax(5.5rem, 1fr)', cell: (i) => roleLabel(i.role) },
    { id: 'workspaces', name: 'Workspaces', width: 'minmax(7rem, 1fr)', from: 'lg', cell: (i) => i.workspace_ids.map((id) => names.get(id) ?? id).join(', ') || <None /> },
    { id: 'sent', name: 'Invited', width: '7rem', from: 'md', cell: (i) => <Time at={i.created_at} /> },
    { id: 'ends', name: 'Ends', width: '5.5rem', cell: (i) => <Time at={i.expires_at} /> },
    ...(can('members:write')
      ? [{ id: 'actions', name: '', width: '2.5rem', cell: (i: Invitation) => <IconButton icon={Trash2} small label={`Withdraw the invitation of ${i.email}`} onClick={() => setWithdrawing(i)} /> }]
      : []),
  ]
  return (
    <Loaded of={open} lines={8} within="page">
      {(list) => (
        <>
          <Table
            label="Invitations"
            columns={columns}
            rows={list.filter((i) => !q || i.email.includes(q.toLowerCase()))}
            rowKey={(i) => i.id}
            empty={
              <EmptyState icon={MailPlus} title={q ? 'No invitation matches' : 'No open invitation'} action={!q && action}>
                {!q && 'An invitation is a link that makes whoever opens it a member. It ends after seven days.'}
              </EmptyState>
            }
          />
          <Confirm
            open={withdrawing !== null}
            onOpenChange={() => setWithdrawing(null)}
            title={`Withdraw the invitation of ${withdrawing?.email}?`}
            action="Withdraw"
            onConfirm={async () => {
              if (!withdrawing) return
              await withdraw(withdrawing.id)
              toast('The invitation is withdrawn')
            }}
          >
            Its link stops working at once.
          </Confirm>
        </>
      )}
    </Loaded>
  )
}

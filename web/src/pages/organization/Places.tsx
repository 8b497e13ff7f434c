import { useMutation } from '@tanstack/react-query'
import { useLeave } from '@/app/leave'
import { messageOf } from '@/lib/api'
import { roleLabel } from '@/lib/roles'
import { type Session, useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { toast } from '@/ui/Toast'
import { useOrganizationActions } from './queries'

type Place = Session['organizations'][number]

/** The organisations one is a member of; one is in one of them at a time. */
export function Places() {
  const { organization, organizations } = useSession()
  const leave = useLeave()
  const { goTo } = useOrganizationActions()
  const go = useMutation({ mutationFn: goTo, onSuccess: () => leave('/'), onError: (e) => toast(messageOf(e), { bad: true }) })
  const columns: Column<Place>[] = [
    {
      id: 'name',
      name: 'Organisation',
      width: '1fr',
      cell: (o) => (
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{o.name}</span>
          {o.id === organization.id && <Badge tone="accent">this one</Badge>}
        </span>
      ),
    },
    { id: 'role', name: 'Your role', width: '8rem', cell: (o) => roleLabel(o.role) },
    {
      id: 'go',
      name: '',
      width: '7rem',
      align: 'right',
      cell: (o) =>
        o.id !== organization.id && (
          <Button small busy={go.isPending && go.variables === o.id} onClick={() => go.mutate(o.id)}>
            Go there
          </Button>
        ),
    },
  ]
  return (
    <Panel title="Where you are a member" flush>
      <PlainTable label="Organisations" columns={columns} rows={organizations} rowKey={(o) => o.id} />
    </Panel>
  )
}

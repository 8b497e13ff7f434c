import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, Share2 } from 'lucide-react'
import { useState } from 'react'
import { useWorkspace } from '@/app/workspace'
import { workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Note, PageBody, PageHeader, Panel } from '@/ui/Panel'
import { attempt, toast } from '@/ui/Toast'
import { Switch } from '@/ui/Toggle'
import { DestinationRow } from './DestinationRow'
import { DestinationSheet } from './DestinationSheet'
import { type Destination, destinationsQuery, useDestinationActions } from './queries'

const route = getRouteApi('/shell/destinations')

export function DestinationsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const [workspace] = useWorkspace()
  const destinations = useQuery({ ...destinationsQuery(workspace?.id), enabled: Boolean(workspace) })
  const { remove, tell } = useDestinationActions()
  const [removing, setRemoving] = useState<Destination | null>(null)
  const write = can('rules:write')
  const show = (destination: string | undefined) => void navigate({ search: (old) => ({ ...old, destination }) })
  const workspaces = useQuery({ ...workspacesQuery, enabled: !workspace })
  const told = workspace?.is_observability_broadcast_enabled ?? false
  const flip = (on: boolean) => {
    if (!workspace) return
    void attempt(() => tell(workspace.id, on), `Destinations get ${on ? 'the' : 'no'} requests of ${workspace.name}`, () => tell(workspace.id, !on))
  }
  const add = write && (
    <Button kind="primary" icon={Plus} onClick={() => show('new')}>
      Add a destination
    </Button>
  )
  const subject = destinations.data?.find((d) => d.id === search.destination)
  return (
    <>
      <PageHeader title="Destinations" about={`Where the requests of ${workspace?.name ?? 'a workspace'} are told of as they end.`} actions={add} />
      <Loaded of={workspaces.error ? { ...workspaces, data: undefined } : destinations} lines={6} within="page">
        {(list) =>
          list.length === 0 ? (
            <EmptyState icon={Share2} title="No destination" action={add}>
              Traces of requests go to an OpenTelemetry collector, a service for observability, a bucket or a table of yours.
            </EmptyState>
          ) : (
            <PageBody className="max-w-4xl!">
              {write ? (
                <Switch checked={told} onChange={flip} label="Tell destinations of requests" hint="Prompts and answers go along only where the workspace keeps them." />
              ) : (
                !told && <Note kind="warn">The workspace tells destinations of no requests.</Note>
              )}
              <Panel flush>
                <ul aria-label="Destinations">
                  {list.map((d) => (
                    <DestinationRow key={d.id} of={d} write={write} onEdit={() => show(d.id)} onRemove={() => setRemoving(d)} />
                  ))}
                </ul>
              </Panel>
            </PageBody>
          )
        }
      </Loaded>
      {write && workspace && (search.destination === 'new' || subject) && <DestinationSheet key={search.destination} subject={subject} workspace={workspace.id} onClose={() => show(undefined)} />}
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Delete “${removing?.name}”?`}
        action="Delete destination"
        onConfirm={async () => {
          if (!removing) return
          await remove(removing.id)
          toast('The destination is deleted')
        }}
      >
        It is told of nothing more. What it has been told stays there.
      </Confirm>
    </>
  )
}

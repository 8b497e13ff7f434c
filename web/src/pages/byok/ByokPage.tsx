import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Cable, Plus } from 'lucide-react'
import { useState } from 'react'
import { useWorkspace } from '@/app/workspace'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, PageBody, PageHeader } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { CredentialSheet } from './CredentialSheet'
import { ProviderKeys } from './ProviderKeys'
import { type Credential, credentialsQuery, usageQuery, useCredentialActions } from './queries'

const route = getRouteApi('/shell/byok')

export function ByokPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const [workspace] = useWorkspace()
  const credentials = useQuery(credentialsQuery(workspace?.id))
  const { data: usage } = useQuery({ ...usageQuery, enabled: can('money:read') && Boolean(credentials.data?.length) })
  const { remove } = useCredentialActions()
  const [removing, setRemoving] = useState<Credential | null>(null)
  const write = can('rules:write')
  const show = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, credential: undefined, provider: undefined, ...next }) })
  const add = write && (
    <Button kind="primary" icon={Plus} onClick={() => show({ credential: 'new' })}>
      Add a key
    </Button>
  )
  const subject = credentials.data?.find((c) => c.id === search.credential)
  return (
    <>
      <PageHeader width="text" title="Provider keys" about="Keys of your own at providers. What they pay costs no credit here." actions={add} />
      <Loaded of={credentials} lines={8} within="page">
        {(list) =>
          list.length === 0 ? (
            <PageBody width="text">
              <EmptyState icon={Cable} title="No key of your own" action={add}>
                Bring the key of an account at a provider: requests go out with it first, or after the gateway’s own.
              </EmptyState>
            </PageBody>
          ) : (
            <PageBody width="text">
              {[...new Map(list.map((c) => [c.provider, c.provider_name]))].map(([slug, name]) => (
                <ProviderKeys
                  key={slug}
                  name={name}
                  usage={usage?.get(name) ?? usage?.get(slug)}
                  credentials={list.filter((c) => c.provider === slug)}
                  write={write}
                  onAdd={() => show({ credential: 'new', provider: slug })}
                  onEdit={(c) => show({ credential: c.id })}
                  onRemove={setRemoving}
                />
              ))}
            </PageBody>
          )
        }
      </Loaded>
      {write && (search.credential === 'new' || subject) && (
        <CredentialSheet key={search.credential} subject={subject} provider={search.provider ?? ''} workspace={workspace?.id ?? ''} onClose={() => show({})} />
      )}
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Delete “${removing?.name || removing?.label}”?`}
        action="Delete key"
        onConfirm={async () => {
          if (!removing) return
          await remove(removing.id)
          toast('The key is deleted')
        }}
      >
        Requests no longer go out with it. What is kept of the key is destroyed; at the provider it stays valid.
      </Confirm>
    </>
  )
}

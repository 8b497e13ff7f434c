import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useForm } from '@/lib/form'
import { organizationQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Code, CopyButton, Mono } from '@/ui/Code'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Created } from '@/ui/Format'
import { Input } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { Facts, Note, PageBody, PageHeader, Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { NewOrganization } from './NewOrganization'
import { Places } from './Places'
import { useOrganizationActions } from './queries'

const route = getRouteApi('/shell/organization')

export function OrganizationPage() {
  const { form } = route.useSearch()
  const navigate = route.useNavigate()
  const { can, organization } = useSession()
  const asked = useQuery(organizationQuery)
  const [link, setLink] = useState<{ name: string; url: string } | null>(null)
  // Only owners of the organisation that runs the gateway make others.
  const mayCreate = organization.id === 'default' && can('owners:write')
  const show = (to: 'new' | undefined) => void navigate({ search: (old) => ({ ...old, form: to }) })
  return (
    <>
      <PageHeader
        width="form"
        title="Organisation"
        about="Members, workspaces, keys and credit belong to an organisation and are seen by no other."
        actions={
          mayCreate && (
            <Button icon={Plus} onClick={() => show('new')}>
              New organisation
            </Button>
          )
        }
      />
      <PageBody width="form">
        <Panel title="This organisation">
          <Loaded of={asked} lines={3}>
            {(o) => (
              <div className="flex flex-col gap-5">
                {can('members:write') && <Name key={o.name} name={o.name} />}
                <Facts
                  rows={[
                    ...(can('members:write') ? [] : [['Name', o.name] as const]),
                    [
                      'Id',
                      <span key="id" className="flex items-center gap-1">
                        <Mono>{o.id}</Mono>
                        <CopyButton text={o.id} label="Copy the id" />
                      </span>,
                    ],
                    ['Created', <Created key="at" at={o.created_at} />],
                  ]}
                />
              </div>
            )}
          </Loaded>
        </Panel>
        <Places />
      </PageBody>
      <NewOrganization
        open={form === 'new' && mayCreate}
        onClose={() => show(undefined)}
        onMade={(made) => {
          show(undefined)
          setLink(made)
        }}
      />
      {link && (
        <Dialog
          open
          keep
          onOpenChange={() => setLink(null)}
          title={`Send this to the owner of ${link.name}`}
          actions={
            <Button kind="primary" onClick={() => setLink(null)}>
              I have copied it
            </Button>
          }
        >
          <Note kind="warn">This is the only time the link is shown. Whoever opens it becomes the owner. It works once, for seven days.</Note>
          <Code text={link.url} label="Link" wrap />
        </Dialog>
      )}
    </>
  )
}

function Name({ name }: { name: string }) {
  const { rename } = useOrganizationActions()
  const form = useForm({ name }, (v) => ({ name: v.name.trim() ? undefined : 'A name' }))
  const send = async (v: { name: string }) => {
    await rename(v.name.trim())
    toast('The organisation is renamed')
  }
  return (
    <Form className="flex flex-col gap-3" onSubmit={() => void form.submit(send)}>
      <Field label="Name" error={form.errors.name ?? form.errors.form}>
        <Input maxLength={100} value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      <Button kind="primary" type="submit" className="self-start" busy={form.busy} disabled={form.values.name.trim() === name}>
        Rename
      </Button>
    </Form>
  )
}

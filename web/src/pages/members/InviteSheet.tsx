import { useQuery } from '@tanstack/react-query'
import { useForm } from '@/lib/form'
import { workspacesQuery } from '@/lib/queries'
import type { Role } from '@/lib/roles'
import { MultiCombobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import type { Invited } from './InviteLink'
import { RoleField } from './MemberSheet'
import { useMemberActions } from './queries'

type Props = { open: boolean; onClose: () => void; onMade: (made: Invited) => void }
type Values = { email: string; role: Role; workspace_ids: string[] }

export function InviteSheet(props: Props) {
  return props.open ? <Open {...props} /> : null
}

function Open({ onClose, onMade }: Props) {
  const { invite } = useMemberActions()
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const form = useForm<Values>({ email: '', role: 'developer', workspace_ids: [] }, (v) => ({
    email: /^\S+@\S+$/.test(v.email.trim()) ? undefined : 'An e-mail address such as ann@example.com',
  }))
  const send = async (v: Values) => {
    const made = await invite(v.email.trim(), v.role, v.workspace_ids)
    onMade({ email: made.email, url: made.url })
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="Invite somebody"
      description="You get a link to send. It works once, for seven days."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Make the link" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="E-mail" hint="The account that accepts gets this address." error={form.errors.email}>
        <Input type="email" autoFocus autoComplete="off" value={form.values.email} onChange={(e) => form.set({ email: e.target.value })} />
      </Field>
      <RoleField value={form.values.role} onChange={(role) => form.set({ role })} error={form.errors.role} />
      {workspaces.length > 1 && (
        <Field label="Workspaces" optional hint="Besides the default one, which everybody is in." error={form.errors.workspace_ids}>
          <MultiCombobox
            label="Workspaces"
            placeholder="The default one alone"
            value={form.values.workspace_ids}
            onChange={(workspace_ids) => form.set({ workspace_ids })}
            choices={workspaces.filter((w) => w.slug !== 'default').map((w) => ({ value: w.id, label: w.name }))}
          />
        </Field>
      )}
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}

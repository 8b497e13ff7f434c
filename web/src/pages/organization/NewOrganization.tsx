import { useForm } from '@/lib/form'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { useOrganizationActions } from './queries'

type Props = { open: boolean; onClose: () => void; onMade: (made: { name: string; url: string } | null) => void }
type Values = { name: string; owner_email: string }

export function NewOrganization(props: Props) {
  return props.open ? <Open {...props} /> : null
}

function Open({ onClose, onMade }: Props) {
  const { create } = useOrganizationActions()
  const form = useForm<Values>({ name: '', owner_email: '' }, (v) => ({
    name: v.name.trim() ? undefined : 'A name',
    owner_email: /^\S+@\S+$/.test(v.owner_email.trim()) ? undefined : 'An e-mail address such as ann@example.com',
  }))
  const send = async (v: Values) => {
    const made = await create(v.name.trim(), v.owner_email.trim())
    onMade(made.invitation && { name: made.name, url: made.invitation.url })
  }
  return (
    <Dialog
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="New organisation"
      description="It has its own members, keys, credit and rules."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Create" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Name" error={form.errors.name}>
        <Input autoFocus maxLength={100} value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      <Field label="Owner’s e-mail" hint="You get a link to send. It can be your own address." error={form.errors.owner_email}>
        <Input type="email" autoComplete="off" value={form.values.owner_email} onChange={(e) => form.set({ owner_email: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}

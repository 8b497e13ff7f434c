import { Traces } from '@/app/Traces'
import { useForm } from '@/lib/form'
import { nameOf, type Role, roleLabel, roles, rolesToGive } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Copied } from '@/ui/Code'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Facts, Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { MemberSessions } from './MemberSessions'
import { type Member, useMemberActions } from './queries'

/** A member: what is known, and for who may, the form that changes it. */
export function MemberSheet({ subject, onClose }: { subject: Member | null; onClose: () => void }) {
  return subject && <Open key={subject.id} subject={subject} onClose={onClose} />
}

type Values = { first_name: string; last_name: string; role: Role }

function Open({ subject, onClose }: { subject: Member; onClose: () => void }) {
  const { can, member_id } = useSession()
  const { change } = useMemberActions()
  const form = useForm<Values>({ first_name: subject.first_name ?? '', last_name: subject.last_name ?? '', role: subject.member_role })
  const may = can('members:write') && (subject.member_role !== 'owner' || can('owners:write'))
  const send = async (v: Values) => {
    await change(subject.id, { first_name: v.first_name.trim() || null, last_name: v.last_name.trim() || null, role: v.role })
    toast(`${nameOf({ ...subject, ...v })} is changed`)
    onClose()
  }
  const identity = (
    <>
      <Facts
        rows={[
          ['Status', subject.disabled ? <Badge tone="warn">disabled</Badge> : <Badge tone="good">active</Badge>],
          ['E-mail', subject.email],
          ['Id', <Copied key="id" text={subject.id} label="Copy the id" />],
          ...(may ? [] : [['Role', roleLabel(subject.member_role)] as const]),
        ]}
      />
      <Traces of={{ member: [subject.id] }} />
    </>
  )
  if (!may) {
    return (
      <Sheet open onOpenChange={onClose} title={nameOf(subject)}>
        {identity}
      </Sheet>
    )
  }
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={nameOf(subject)}
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Save" busy={form.busy} onCancel={onClose} />}
    >
      {identity}
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="First name" optional error={form.errors.first_name}>
          <Input maxLength={200} value={form.values.first_name} onChange={(e) => form.set({ first_name: e.target.value })} />
        </Field>
        <Field label="Last name" optional error={form.errors.last_name}>
          <Input maxLength={200} value={form.values.last_name} onChange={(e) => form.set({ last_name: e.target.value })} />
        </Field>
      </div>
      <RoleField value={form.values.role} onChange={(role) => form.set({ role })} error={form.errors.role} />
      {subject.id === member_id && form.values.role !== subject.member_role && <Note kind="warn">This is your own role: what it does not permit, you can no longer do.</Note>}
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <MemberSessions of={subject} />
    </Sheet>
  )
}

/** A role, with what it permits. */
export function RoleField({ value, onChange, error }: { value: Role; onChange: (role: Role) => void; error?: string }) {
  const { can } = useSession()
  return (
    <Field label="Role" hint={`${roles.find((r) => r.value === value)?.may}.`} error={error}>
      <Select value={value} onChange={onChange} options={rolesToGive(can)} />
    </Field>
  )
}

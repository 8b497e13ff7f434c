import { useState } from 'react'
import { money } from '@/lib/format'
import { useForm } from '@/lib/form'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { useGrant } from './queries'

type Values = { amount: string; note: string }

/** Grants credit. The reference is made once per form, so that pressing twice grants once. */
export function GrantDialog({ onClose }: { onClose: () => void }) {
  const grant = useGrant()
  const [ref] = useState(() => crypto.randomUUID())
  const form = useForm<Values>({ amount: '', note: '' }, (v) => ({
    amount: /^\d+(\.\d{1,9})?$/.test(v.amount) && Number(v.amount) > 0 ? undefined : 'An amount such as 100 or 2.50',
  }))
  const send = async (v: Values) => {
    await grant(Number(v.amount), v.note.trim(), ref)
    toast(`${money(Number(v.amount))} are granted`)
    onClose()
  }
  return (
    <Dialog
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="Grant credit"
      description="It can be used at once. A grant cannot be taken back here."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Grant" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Amount" error={form.errors.amount}>
        <Input autoFocus before="$" inputMode="decimal" value={form.values.amount} onChange={(e) => form.set({ amount: e.target.value.trim() })} />
      </Field>
      <Field label="Note" optional hint="What it is for: an invoice, a project." error={form.errors.note}>
        <Input maxLength={256} value={form.values.note} onChange={(e) => form.set({ note: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}

import { useForm } from '@/lib/form'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { type Key, useKeyActions } from './queries'

const overlaps = [
  { value: '0', label: 'At once' },
  { value: '3600', label: 'After an hour' },
  { value: '86400', label: 'After a day' },
  { value: '604800', label: 'After a week' },
  { value: '2592000', label: 'After 30 days' },
]

/** Replaces a key, with a time in which both work. */
export function RotateDialog(props: { subject: Key | null; onClose: () => void; onMade: (name: string, plaintext: string) => void }) {
  return props.subject && <Open {...props} subject={props.subject} />
}

function Open({ subject, onClose, onMade }: { subject: Key; onClose: () => void; onMade: (name: string, plaintext: string) => void }) {
  const { rotate } = useKeyActions()
  const form = useForm({ overlap: '86400' })
  const send = async (v: { overlap: string }) => {
    const made = await rotate(subject.hash, Number(v.overlap))
    onMade(made.data.name, made.key)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Rotate “${subject.name}”`}
      description="A new key takes over its settings and what it has spent."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Make the new key" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="The old key ends">
        <Select value={form.values.overlap} onChange={(overlap) => form.set({ overlap })} options={overlaps} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}

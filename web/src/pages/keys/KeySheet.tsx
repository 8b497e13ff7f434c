import { useState } from 'react'
import { useForm } from '@/lib/form'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { KeyDetails } from './KeyDetails'
import { KeyFields } from './KeyFields'
import { type Key, useKeyActions } from './queries'
import { changeOf, check, type KeyValues, valuesOf } from './values'

/** A key's details, and its form in their place. */
export function KeySheet({ subject, onClose }: { subject: Key | null; onClose: () => void }) {
  return subject && <Open key={subject.hash} subject={subject} onClose={onClose} />
}

function Open({ subject, onClose }: { subject: Key; onClose: () => void }) {
  const { can } = useSession()
  const { change } = useKeyActions()
  const [editing, setEditing] = useState(false)
  const form = useForm<KeyValues>(valuesOf(subject), check)
  const edit = () => {
    form.reset(valuesOf(subject))
    setEditing(true)
  }
  const send = async (v: KeyValues) => {
    await change(subject.hash, changeOf(v))
    toast(`${v.name.trim()} is changed`)
    setEditing(false)
  }
  if (editing) {
    return (
      <Sheet
        open
        keep
        onOpenChange={() => setEditing(false)}
        title={`Edit ${subject.name}`}
        onSubmit={() => void form.submit(send)}
        busy={form.busy}
        actions={<FormActions submit="Save" busy={form.busy} onCancel={() => setEditing(false)} />}
      >
        <KeyFields values={form.values} set={form.set} errors={form.errors} />
        {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      </Sheet>
    )
  }
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={subject.name}
      actions={
        can('keys:write') && (
          <Button kind="primary" onClick={edit}>
            Edit
          </Button>
        )
      }
    >
      <KeyDetails of={subject} />
    </Sheet>
  )
}

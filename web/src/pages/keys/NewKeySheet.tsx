import { useForm } from '@/lib/form'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Note } from '@/ui/Panel'
import { KeyFields } from './KeyFields'
import { useKeyActions } from './queries'
import { check, type KeyValues, newKeyOf, noKey } from './values'

type Props = { open: boolean; management: boolean; workspace: string | undefined; onClose: () => void; onMade: (name: string, plaintext: string) => void }

/** The form of a new key. */
export function NewKeySheet(props: Props) {
  return props.open ? <Open {...props} /> : null
}

function Open({ management, workspace, onClose, onMade }: Props) {
  const { create } = useKeyActions()
  const form = useForm<KeyValues>({ ...noKey, management }, check)
  const send = async (v: KeyValues) => {
    const made = await create(newKeyOf(v, workspace))
    onMade(made.data.name, made.key)
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="New key"
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Create key" busy={form.busy} onCancel={onClose} />}
    >
      <KeyFields fresh values={form.values} set={form.set} errors={form.errors} />
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}

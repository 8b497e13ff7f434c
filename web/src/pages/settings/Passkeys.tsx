import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { makePasskey, passkeysWork, wasDismissed } from '@/lib/passkey'
import { Button, IconButton } from '@/ui/Button'
import { Confirm, Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Time } from '@/ui/Format'
import { Input } from '@/ui/Input'
import { ErrorState, Note, Panel, SkeletonLines } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { toast } from '@/ui/Toast'
import { type Passkey, passkeysQuery, useRefreshMe } from './me'

export function Passkeys() {
  const { data, error, refetch } = useQuery(passkeysQuery)
  const refresh = useRefreshMe()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Passkey | null>(null)
  const columns: Column<Passkey>[] = [
    { id: 'name', name: 'Name', width: '1fr', cell: (p) => p.name },
    { id: 'created', name: 'Added', width: '8rem', cell: (p) => <Time at={p.created_at} as="date" /> },
    { id: 'used', name: 'Last used', width: '8rem', cell: (p) => <Time at={p.last_used_at} />, from: 'md' },
    { id: 'remove', name: '', width: '2.5rem', align: 'right', cell: (p) => <IconButton icon={Trash2} small label={`Remove ${p.name}`} onClick={() => setRemoving(p)} /> },
  ]
  return (
    <Panel
      title="Passkeys"
      about="Sign in with your device’s lock or a security key, without a password."
      flush
      actions={
        passkeysWork() && (
          <Button small icon={Plus} onClick={() => setAdding(true)}>
            Add
          </Button>
        )
      }
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <div className="p-4">
          <SkeletonLines lines={2} />
        </div>
      ) : data.length === 0 ? (
        <p className="p-4 text-sm text-muted">None yet.</p>
      ) : (
        <PlainTable label="Passkeys" columns={columns} rows={data} rowKey={(p) => p.id} />
      )}
      <AddPasskey open={adding} onOpenChange={setAdding} />
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title="Remove this passkey?"
        action="Remove"
        onConfirm={async () => {
          await ask(api.DELETE('/me/passkeys/{id}', { params: { path: { id: removing?.id ?? '' } } }))
          await refresh()
          toast('The passkey is removed')
        }}
      >
        {removing?.name} can then no longer sign in here. Remove it from the device, too.
      </Confirm>
    </Panel>
  )
}

function AddPasskey({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const refresh = useRefreshMe()
  const form = useForm({ name: '' }, (v) => ({ name: v.name.trim() ? undefined : 'A name by which you will know it' }))
  const send = async (v: { name: string }) => {
    const { data } = await ask(api.POST('/me/passkeys/options'))
    const made = await makePasskey(data).catch((e: unknown) => {
      if (wasDismissed(e)) return null
      throw e
    })
    if (!made) return
    await ask(api.POST('/me/passkeys', { body: { ...made, name: v.name.trim() } }))
    await refresh()
    form.reset()
    onOpenChange(false)
    toast('The passkey is added')
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add a passkey"
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Continue" busy={form.busy} onCancel={() => onOpenChange(false)} />}
    >
      <Field label="Name" hint="Such as the device it is on." error={form.errors.name}>
        <Input value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}

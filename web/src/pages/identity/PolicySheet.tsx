import { useForm } from '@/lib/form'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { type Policy, useIdentityActions } from './queries'

type Props = { open: boolean; onClose: () => void }

export function PolicySheet(props: Props) {
  return props.open ? <Open {...props} /> : null
}

/** Conditions as they are typed: a line each, a claim and its values. */
function conditionsOf(text: string): Policy['conditions'] | null {
  const lines = text.split('\n').filter((l) => l.trim())
  const list = lines.map((l) => {
    const [claim = '', values = ''] = l.split(/=(.*)/s)
    return { claim: claim.trim(), values: values.split(',').map((v) => v.trim()).filter(Boolean) }
  })
  return list.length && list.every((c) => c.claim && c.values.length) ? list : null
}

function Open({ onClose }: Props) {
  const { makePolicy } = useIdentityActions()
  const form = useForm({ name: '', issuer: 'https://token.actions.githubusercontent.com', audience: window.location.origin, conditions: '' }, (v) => ({
    name: v.name.trim() ? undefined : 'A name, such as “deploys of acme/app”',
    issuer: v.issuer.trim() ? undefined : 'The address that tokens have as iss',
    audience: v.audience.trim() ? undefined : 'What tokens must have as aud',
    conditions: conditionsOf(v.conditions) ? undefined : 'At least one line such as repository = acme/app',
  }))
  const send = async (v: typeof form.values) => {
    await makePolicy({ name: v.name.trim(), issuer: v.issuer.trim(), audience: v.audience.trim(), conditions: conditionsOf(v.conditions) ?? [] })
    toast('The policy is in force')
    onClose()
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={onClose}
      title="New federation policy"
      description="Whoever brings a token of the issuer that meets every condition gets one of ours."
      onSubmit={() => void form.submit(send)}
      actions={<FormActions submit="Make the policy" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Name" error={form.errors.name}>
        <Input autoFocus autoComplete="off" value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      <Field label="Issuer" hint="The address that its tokens have as iss." error={form.errors.issuer}>
        <Input type="url" value={form.values.issuer} onChange={(e) => form.set({ issuer: e.target.value })} />
      </Field>
      <Field label="Audience" hint="What its tokens must have as aud." error={form.errors.audience}>
        <Input value={form.values.audience} onChange={(e) => form.set({ audience: e.target.value })} />
      </Field>
      <Field label="Conditions" hint="A line each: claim = value, value. An asterisk stands for anything, but not alone." error={form.errors.conditions}>
        <Textarea rows={4} spellCheck={false} className="font-mono" value={form.values.conditions} onChange={(e) => form.set({ conditions: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}

import { useQuery } from '@tanstack/react-query'
import { useChoices } from '@/lib/choices'
import { useForm } from '@/lib/form'
import { modelsQuery, providersQuery, workspacesQuery } from '@/lib/queries'
import { Combobox, MultiCombobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field, FieldGroup } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { type Credential, useCredentialActions } from './queries'
import { isEmpty, noSecret, type Secret, shapeOf, textOf, wrongIn } from './secret'
import { SecretFields } from './SecretFields'

type Values = Secret & {
  provider: string
  name: string
  workspace_id: string
  when: 'first' | 'always' | 'only' | 'fallback'
  declared_zdr: '' | 'yes' | 'no'
  allowed_models: string[]
}

const uses = [
  { value: 'first', label: 'First, then the gateway’s own key' },
  { value: 'fallback', label: 'After the gateway’s own key' },
  { value: 'always', label: 'Instead of the gateway’s own key, for its models' },
  { value: 'only', label: 'Instead of the gateway’s own key, for every model' },
] as const

function valuesOf(c: Credential | undefined, provider: string, workspace: string): Values {
  return {
    ...noSecret,
    shape: shapeOf(c?.provider ?? provider),
    provider: c?.provider ?? provider,
    name: c?.name ?? '',
    workspace_id: c ? (c.workspace_id ?? '') : workspace,
    when: c?.is_fallback ? 'fallback' : c?.is_byok_only ? 'only' : c?.is_required ? 'always' : 'first',
    declared_zdr: c?.declared_zdr === true ? 'yes' : c?.declared_zdr === false ? 'no' : '',
    allowed_models: c?.allowed_models ?? [],
  }
}

/** The form of a credential: a new one, or one that is there, whose secret can be replaced. */
export function CredentialSheet({ subject, provider, workspace, onClose }: { subject?: Credential; provider: string; workspace: string; onClose: () => void }) {
  const { create, change, test } = useCredentialActions()
  const providers = useChoices(providersQuery(true))
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const models = useChoices(modelsQuery(true))
  const form = useForm<Values>(valuesOf(subject, provider, workspace), (v) => ({
    provider: v.provider ? undefined : 'Choose a provider',
    ...(subject && isEmpty(v) ? {} : wrongIn(v)),
  }))
  const { values: v, set, errors } = form
  const send = async (v: Values) => {
    const body = {
      name: v.name.trim() || null,
      is_fallback: v.when === 'fallback',
      is_required: v.when === 'always' || v.when === 'only',
      is_byok_only: v.when === 'only',
      declared_zdr: v.declared_zdr === '' ? null : v.declared_zdr === 'yes',
      allowed_models: v.allowed_models.length ? v.allowed_models : null,
    }
    const secret = isEmpty(v) ? undefined : textOf(v)
    let id = subject?.id
    if (id) await change(id, { ...body, ...(secret ? { key: secret } : {}) })
    else id = (await create({ ...body, provider: v.provider, key: secret ?? '', workspace_id: v.workspace_id || null })).id
    onClose()
    if (!secret) return toast('The key is changed')
    const { ok, error } = await test(id)
    toast(ok ? 'The key works' : `The key is kept, but does not work: ${error?.message ?? 'the provider refused it'}`, { bad: !ok })
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title={subject ? `Edit ${subject.name || subject.label}` : 'Add a provider key'}
      description="It is kept encrypted, is called at its provider alone, and is never shown again."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit={subject ? 'Save' : 'Add and test'} busy={form.busy} onCancel={onClose} />}
    >
      {!subject && (
        <Field label="Provider" error={errors.provider}>
          <Combobox label="Provider" placeholder="Choose a provider" value={v.provider} onChange={(p) => set({ provider: p, shape: shapeOf(p) })} onOpen={providers.onOpen} choices={providers.list?.map((p) => ({ value: p.slug, label: p.name }))} />
        </Field>
      )}
      <SecretFields secret={v} set={set} errors={errors} optional={Boolean(subject)} hint={subject && 'Replaces the one that is kept; what is left empty stays.'} />
      <Field label="Name" optional error={errors.name}>
        <Input maxLength={255} value={v.name} onChange={(e) => set({ name: e.target.value })} />
      </Field>
      <FieldGroup legend="Use">
        <Field label="It is used" error={errors.when}>
          <Select value={v.when} onChange={(when) => set({ when })} options={uses} />
        </Field>
        {!subject && (
          <Field label="By" error={errors.workspace_id}>
            <Select value={v.workspace_id} onChange={(workspace_id) => set({ workspace_id })} options={[{ value: '', label: 'Every workspace' }, ...workspaces.map((w) => ({ value: w.id, label: w.name }))]} />
          </Field>
        )}
        <Field label="For models" optional error={errors.allowed_models}>
          <MultiCombobox free label="Models" placeholder="Every model of the provider" value={v.allowed_models} onChange={(allowed_models) => set({ allowed_models })} onOpen={models.onOpen} choices={models.list?.map((m) => ({ value: m.id, label: m.id }))} />
        </Field>
        <Checkbox label="The provider keeps nothing of calls with this key" hint="As your contract says; nobody checks it." checked={v.declared_zdr === 'yes'} onChange={(c) => set({ declared_zdr: c ? 'yes' : '' })} />
      </FieldGroup>
      {errors.form && <Note kind="bad">{errors.form}</Note>}
    </Sheet>
  )
}

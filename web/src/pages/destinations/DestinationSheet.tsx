import { useQuery } from '@tanstack/react-query'
import { actorName } from '@/lib/actor'
import { useChoices } from '@/lib/choices'
import { type Errors, useForm } from '@/lib/form'
import { keysQuery } from '@/lib/queries'
import { type Choice, Combobox, MultiCombobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field, FieldGroup } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { type Destination, typesQuery, useDestinationActions } from './queries'
import { RuleFields } from './RuleFields'
import { type Rules, sentRules, wrongInRules } from './rules'
import { headersOf, labelOf, linesOf, typeName } from './types'

type Values = {
  [value: `config.${string}`]: string
  api_key_hashes: string[]
  filter_rules: Rules
  type: string
  name: string
  headers: string
  sampling: string
  privacy: boolean
  cost: boolean
  identity: boolean
  context: boolean
}

function valuesOf(d: Destination | undefined): Values {
  const config = Object.entries(d?.config ?? {}).filter(([name, v]) => name !== 'headers' && v !== '***')
  return {
    ...Object.fromEntries(config.map(([name, v]) => [`config.${name}`, String(v)])),
    type: d?.type ?? '',
    name: d?.name ?? '',
    headers: linesOf(d?.config.headers),
    api_key_hashes: d?.api_key_hashes ?? [],
    filter_rules: d?.filter_rules ?? { enabled: true, groups: [] },
    sampling: String((d?.sampling_rate ?? 1) * 100),
    privacy: d?.privacy_mode ?? false,
    cost: d?.broadcast_generation_cost ?? false,
    identity: d?.broadcast_generation_identity ?? false,
    context: d?.broadcast_generation_request_context ?? false,
  }
}

/** The form of a destination: a new one, or one that is there, whose secrets can be replaced and are not shown. */
export function DestinationSheet({ subject, workspace, onClose }: { subject?: Destination; workspace: string; onClose: () => void }) {
  const { create, change, test } = useDestinationActions()
  const { data: types = [] } = useQuery(typesQuery)
  const keys = useChoices(keysQuery(workspace))
  const initial = valuesOf(subject)
  const form = useForm<Values>(initial, (v) => wrongIn(v))
  const { values: v, set, errors } = form
  const fields = types.find((t) => t.type === v.type)?.values ?? []
  function wrongIn(v: Values): Errors<Values> {
    const wrong: Errors<Values> = { type: v.type ? undefined : 'Choose a type', name: v.name.trim() ? undefined : 'Give it a name' }
    for (const f of fields) if (f.required && !v[`config.${f.name}`] && !(subject && f.secret)) wrong[`config.${f.name}`] = 'This is needed'
    if (headersOf(v.headers) === null) wrong.headers = 'One on each line, as Name: value'
    const share = Number(v.sampling)
    if (!(share >= 0.01 && share <= 100)) wrong.sampling = 'From 0.01 to 100'
    wrong.filter_rules = wrongInRules(v.filter_rules)
    return wrong
  }
  const send = async (v: Values) => {
    const config: Record<string, unknown> = { headers: headersOf(v.headers) }
    for (const f of fields) {
      const value = v[`config.${f.name}`] ?? ''
      if (value || !f.secret) config[f.name] = value
    }
    const body = {
      name: v.name.trim(),
      config,
      sampling_rate: Number(v.sampling) / 100,
      privacy_mode: v.privacy,
      broadcast_generation_cost: v.cost,
      broadcast_generation_identity: v.identity,
      broadcast_generation_request_context: v.context,
      filter_rules: sentRules(v.filter_rules),
      // Keys that were chosen and are gone would be refused.
      ...(v.api_key_hashes.join() === initial.api_key_hashes.join() ? {} : { api_key_hashes: v.api_key_hashes.length ? v.api_key_hashes : null }),
    }
    const { id } = subject ? await change(subject.id, body) : await create({ ...body, type: v.type, workspace_id: workspace })
    onClose()
    const { ok, error } = await test(id)
    toast(ok ? `${body.name} takes what it is sent` : `${body.name} is kept, but does not take the test: ${error ?? ''}`, { bad: !ok })
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title={subject ? `Edit ${subject.name}` : 'Add a destination'}
      description="Its configuration is kept encrypted, and secrets are never shown again."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit={subject ? 'Save and test' : 'Add and test'} busy={form.busy} onCancel={onClose} />}
    >
      {subject ? (
        <p className="text-sm text-muted">{typeName(subject.type)}</p>
      ) : (
        <Field label="Type" error={errors.type}>
          <Combobox label="Type" placeholder="Choose a type" value={v.type} onChange={(type) => set({ type })} choices={types.map((t) => ({ value: t.type, label: typeName(t.type) }))} />
        </Field>
      )}
      <Field label="Name" error={errors.name}>
        <Input maxLength={256} value={v.name} onChange={(e) => set({ name: e.target.value })} />
      </Field>
      {fields.map((f) => (
        <Field key={f.name} label={labelOf(f.name)} optional={!f.required || Boolean(subject && f.secret)} hint={hintOf(f, Boolean(subject))} error={errors[`config.${f.name}`]}>
          <Input
            type={f.secret ? 'password' : 'text'}
            autoComplete="off"
            spellCheck={false}
            placeholder={f.default ?? undefined}
            value={v[`config.${f.name}`] ?? ''}
            onChange={(e) => set({ [`config.${f.name}`]: e.target.value })}
          />
        </Field>
      ))}
      {v.type && (
        <>
          <Field label="Headers" optional hint="Of every call: one on each line, as Name: value. *** stands for what is kept." error={errors.headers}>
            <Textarea rows={2} spellCheck={false} autoComplete="off" className="font-mono text-sm" value={v.headers} onChange={(e) => set({ headers: e.target.value })} />
          </Field>
          <FieldGroup legend="Which requests it is told of">
            <Field label="Share of requests" hint="Of a session all or none." error={errors.sampling} className="max-w-40">
              <Input inputMode="decimal" after="%" value={v.sampling} onChange={(e) => set({ sampling: e.target.value.trim() })} />
            </Field>
            <Field label="Of keys" optional error={errors.api_key_hashes}>
              <MultiCombobox label="Keys" placeholder="Every key" value={v.api_key_hashes} onChange={(api_key_hashes) => set({ api_key_hashes })} onOpen={keys.onOpen} choices={keyChoices(subject, keys.list)} />
            </Field>
            <RuleFields rules={v.filter_rules} onChange={(filter_rules) => set({ filter_rules })} error={errors.filter_rules} />
          </FieldGroup>
          <FieldGroup legend="What it is told of each">
            <Checkbox label="Cost" checked={v.cost} onChange={(cost) => set({ cost })} />
            <Checkbox label="Key, member and user" checked={v.identity} onChange={(identity) => set({ identity })} />
            <Checkbox label="App, origin and user agent" checked={v.context} onChange={(context) => set({ context })} />
            <Checkbox label="Never prompts and answers" hint="They go out only where the workspace keeps them, and not here even then." checked={v.privacy} onChange={(privacy) => set({ privacy })} />
          </FieldGroup>
        </>
      )}
      {errors.form && <Note kind="bad">{errors.form}</Note>}
    </Sheet>
  )
}

/** The keys to choose from, once they are there, and those that were chosen before. */
function keyChoices(d: Destination | undefined, list: readonly { hash: string; name: string; label: string }[] | undefined): Choice[] {
  const chosen = (d?.api_key_hashes ?? []).map((value, i) => ({ value, label: d?.api_key_names?.[i] ?? actorName(value) }))
  const others = list?.filter((k) => !chosen.some((c) => c.value === k.hash)) ?? []
  return [...chosen, ...others.map((k) => ({ value: k.hash, label: k.name, note: k.label }))]
}

type ValueField = { secret: boolean; must_be: string | null }

function hintOf(f: ValueField, kept: boolean): string | undefined {
  if (f.secret && kept) return 'Replaces the one that is kept; left empty, that stays.'
  return f.must_be ? `${f.must_be[0]!.toUpperCase()}${f.must_be.slice(1)}.` : undefined
}

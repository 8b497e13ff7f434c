import { useChoices } from '@/lib/choices'
import type { Errors } from '@/lib/form'
import { membersQuery, modelsQuery, providersQuery } from '@/lib/queries'
import { nameOf, roles } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Combobox, MultiCombobox } from '@/ui/Combobox'
import { Field, FieldGroup } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import { Checkbox } from '@/ui/Toggle'
import { type KeyValues, resets } from './values'

type Props = {
  values: KeyValues
  set: (change: Partial<KeyValues>) => void
  errors: Errors<KeyValues>
  /** Kind, owner and end are set when a key is made, and stay. */
  fresh?: boolean
}

/** All that a key can be told. */
export function KeyFields({ values: v, set, errors, fresh }: Props) {
  return (
    <>
      <Field label="Name" error={errors.name}>
        <Input autoFocus={fresh} maxLength={256} value={v.name} onChange={(e) => set({ name: e.target.value })} />
      </Field>
      {fresh && <Kind {...{ values: v, set, errors }} />}
      {v.management ? (
        <Field label="Role" hint="What the key may do in the management API." error={errors.role}>
          <Select value={v.role} onChange={(role) => set({ role })} options={roles} />
        </Field>
      ) : (
        <>
          <Spending {...{ values: v, set, errors }} />
          <Rates {...{ values: v, set, errors }} />
          <Uses {...{ values: v, set, errors }} />
        </>
      )}
      <FieldGroup legend="More">
        {fresh && (
          <Field label="Ends" optional hint="At the end of that day, UTC. It cannot be changed later." error={errors.expires}>
            <Input type="date" min={new Date().toISOString().slice(0, 10)} value={v.expires} onChange={(e) => set({ expires: e.target.value })} />
          </Field>
        )}
        <Field label="Allowed addresses" optional hint="IP addresses or blocks such as 192.0.2.0/24, one a line." error={errors.allowed_ips}>
          <Textarea rows={2} spellCheck={false} className="font-mono text-sm" value={v.allowed_ips} onChange={(e) => set({ allowed_ips: e.target.value })} />
        </Field>
        <Field label="Labels" optional hint="Yours: one name=value a line." error={errors.labels}>
          <Textarea rows={2} spellCheck={false} className="font-mono text-sm" value={v.labels} onChange={(e) => set({ labels: e.target.value })} />
        </Field>
      </FieldGroup>
    </>
  )
}

function Kind({ values: v, set, errors }: Props) {
  const { can, member_id, person } = useSession()
  const members = useChoices(membersQuery)
  if (!can('members:write')) return null // a member's key is its own, and for inference
  return (
    <>
      <Segments
        label="Kind of key"
        value={v.management ? 'management' : 'inference'}
        onChange={(kind) => set({ management: kind === 'management' })}
        options={[
          { value: 'inference', label: 'Inference' },
          { value: 'management', label: 'Management' },
        ]}
      />
      <Field label="Belongs to" optional hint="The key ends with the member, and its spending counts for them." error={errors.creator_user_id}>
        <Combobox
          label="Member"
          placeholder="Nobody in particular"
          value={v.creator_user_id ?? member_id}
          onChange={(creator_user_id) => set({ creator_user_id })}
          onOpen={members.onOpen}
          choices={members.list?.map((m) => ({ value: m.id, label: nameOf(m), note: m.email })) ?? [{ value: member_id, label: person.name || person.email, note: person.email }]}
        />
      </Field>
    </>
  )
}

function Spending({ values: v, set, errors }: Props) {
  return (
    <FieldGroup legend="Spending">
      <div className="grid grid-cols-2 gap-3">
        <Field label="Limit" optional error={errors.limit}>
          <Input before="$" inputMode="decimal" placeholder="No limit" value={v.limit} onChange={(e) => set({ limit: e.target.value.trim() })} />
        </Field>
        <Field label="For" hint={v.limit_reset ? 'Starts again at midnight UTC.' : undefined} error={errors.limit_reset}>
          <Select value={v.limit_reset} onChange={(limit_reset) => set({ limit_reset })} options={resets} />
        </Field>
      </div>
      <Checkbox label="Count what is paid with own provider keys" checked={v.include_byok_in_limit} onChange={(c) => set({ include_byok_in_limit: c })} />
    </FieldGroup>
  )
}

function Rates({ values: v, set, errors }: Props) {
  return (
    <FieldGroup legend="Rate limits">
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label="Requests a minute" error={errors.requests_per_minute}>
          <Input inputMode="numeric" placeholder="No limit" value={v.requests_per_minute} onChange={(e) => set({ requests_per_minute: e.target.value.trim() })} />
        </Field>
        <Field label="Tokens a minute" error={errors.tokens_per_minute}>
          <Input inputMode="numeric" placeholder="No limit" value={v.tokens_per_minute} onChange={(e) => set({ tokens_per_minute: e.target.value.trim() })} />
        </Field>
        <Field label="Requests at once" error={errors.concurrent_requests}>
          <Input inputMode="numeric" placeholder="No limit" value={v.concurrent_requests} onChange={(e) => set({ concurrent_requests: e.target.value.trim() })} />
        </Field>
      </div>
    </FieldGroup>
  )
}

function Uses({ values: v, set, errors }: Props) {
  const models = useChoices(modelsQuery())
  const providers = useChoices(providersQuery())
  return (
    <FieldGroup legend="What it may use">
      <Field label="Models" optional hint="author/* is every model of an author." error={errors.allowed_models}>
        <MultiCombobox free label="Models" placeholder="Every model" value={v.allowed_models} onChange={(allowed_models) => set({ allowed_models })} onOpen={models.onOpen} choices={models.list?.map((m) => ({ value: m.id, label: m.id }))} />
      </Field>
      <Field label="Providers" optional error={errors.allowed_providers}>
        <MultiCombobox free label="Providers" placeholder="Every provider" value={v.allowed_providers} onChange={(allowed_providers) => set({ allowed_providers })} onOpen={providers.onOpen} choices={providers.list?.map((p) => ({ value: p.slug, label: p.name }))} />
      </Field>
    </FieldGroup>
  )
}

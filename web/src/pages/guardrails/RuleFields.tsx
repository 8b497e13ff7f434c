import { useChoices } from '@/lib/choices'
import type { Errors } from '@/lib/form'
import { type Model, modelsQuery, providersQuery } from '@/lib/queries'
import { type Choice, MultiCombobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Panel } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Checkbox } from '@/ui/Toggle'
import type { GuardrailValues } from './values'

export type FieldsProps = { values: GuardrailValues; set: (change: Partial<GuardrailValues>) => void; errors: Errors<GuardrailValues> }

const regions = ['eu', 'europe', 'us', 'global'].map((value) => ({ value, label: value }))

/** What a guardrail is called, which models and endpoints it lets through, and what it lets spend. */
export function RuleFields({ values: v, set, errors }: FieldsProps) {
  const models = useChoices(modelsQuery(true))
  const providers = useChoices(providersQuery(true))
  const ofModels = { choices: models.list && modelChoices(models.list), onOpen: models.onOpen }
  const ofProviders = { choices: providers.list?.map((p) => ({ value: p.slug, label: p.slug, note: p.name })), onOpen: providers.onOpen }
  return (
    <div className="flex flex-col gap-4">
      <Panel>
        <div className="flex flex-col gap-4">
          <Field label="Name" error={errors.name}>
            <Input maxLength={200} value={v.name} onChange={(e) => set({ name: e.target.value })} />
          </Field>
          <Field label="What it is for" optional error={errors.description}>
            <Textarea rows={2} value={v.description} onChange={(e) => set({ description: e.target.value })} />
          </Field>
        </div>
      </Panel>
      <Panel title="Models and providers">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Only these models" error={errors.allowed_models}>
            <MultiCombobox free label="Only these models" placeholder="Every model" value={v.allowed_models} onChange={(allowed_models) => set({ allowed_models })} {...ofModels} />
          </Field>
          <Field label="None of these models" error={errors.ignored_models}>
            <MultiCombobox free label="None of these models" placeholder="None is out" value={v.ignored_models} onChange={(ignored_models) => set({ ignored_models })} {...ofModels} />
          </Field>
          <Field label="Only these providers" error={errors.allowed_providers}>
            <MultiCombobox free label="Only these providers" placeholder="Every provider" value={v.allowed_providers} onChange={(allowed_providers) => set({ allowed_providers })} {...ofProviders} />
          </Field>
          <Field label="None of these providers" error={errors.ignored_providers}>
            <MultiCombobox free label="None of these providers" placeholder="None is out" value={v.ignored_providers} onChange={(ignored_providers) => set({ ignored_providers })} {...ofProviders} />
          </Field>
        </div>
      </Panel>
      <Panel title="Privacy">
        <div className="flex flex-col gap-3">
          <Checkbox label="Zero data retention" hint="Only endpoints known to keep nothing; the gateway keeps nothing either." checked={v.enforce_zdr} onChange={(enforce_zdr) => set({ enforce_zdr })} />
          <Checkbox label="Allow paid endpoints that train on requests" checked={v.enable_paid_model_training} onChange={(c) => set({ enable_paid_model_training: c })} />
          <Checkbox label="Allow free endpoints that train on requests" checked={v.enable_free_model_training} onChange={(c) => set({ enable_free_model_training: c })} />
          <Checkbox label="Allow free endpoints that publish requests" checked={v.enable_free_model_publication} onChange={(c) => set({ enable_free_model_publication: c })} />
          <Field label="Only in these regions" hint="Endpoints whose region is not known are out." error={errors.allowed_data_regions}>
            <MultiCombobox free label="Only in these regions" placeholder="Every region" value={v.allowed_data_regions} onChange={(allowed_data_regions) => set({ allowed_data_regions })} choices={regions} />
          </Field>
        </div>
      </Panel>
      <Panel title="Budget" about="For each key and each member under it.">
        <div className="grid grid-cols-2 gap-4">
          <Field label="At most" error={errors.limit_usd}>
            <Input before="$" inputMode="decimal" placeholder="No limit" value={v.limit_usd} onChange={(e) => set({ limit_usd: e.target.value.trim() })} />
          </Field>
          <Field label="For" error={errors.reset_interval}>
            <Select
              value={v.reset_interval}
              onChange={(reset_interval) => set({ reset_interval })}
              options={[
                { value: '', label: 'In all' },
                { value: 'daily', label: 'A day' },
                { value: 'weekly', label: 'A week' },
                { value: 'monthly', label: 'A month' },
              ]}
            />
          </Field>
        </div>
      </Panel>
    </div>
  )
}

/** Models by their id, and all of an author. */
function modelChoices(models: readonly Model[]): Choice[] {
  const authors = [...new Set(models.map((m) => m.id.split('/')[0]))].map((a) => ({ value: `${a}/*`, label: `${a}/*`, note: 'every model' }))
  return [...authors, ...models.map((m) => ({ value: m.id, label: m.id }))]
}

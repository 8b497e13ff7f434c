import { useQuery } from '@tanstack/react-query'
import { useForm } from '@/lib/form'
import { type Model, providersQuery } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { MultiCombobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field, FieldGroup } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Checkbox } from '@/ui/Toggle'
import type { Chat } from './state/chat'
import type { Column, Effort, Parameters } from './state/types'

const efforts: readonly { value: '' | Effort; label: string }[] = [
  { value: '', label: 'As the model does' },
  { value: 'none', label: 'None' },
  { value: 'minimal', label: 'Minimal' },
  { value: 'low', label: 'Low' },
  { value: 'medium', label: 'Medium' },
  { value: 'high', label: 'High' },
  { value: 'xhigh', label: 'Very high' },
  { value: 'max', label: 'All it can' },
]

const sorts: readonly { value: '' | NonNullable<Parameters['sort']>; label: string }[] = [
  { value: '', label: 'As routing does' },
  { value: 'price', label: 'Cheapest first' },
  { value: 'throughput', label: 'Most tokens per second first' },
  { value: 'latency', label: 'Quickest to begin first' },
]

/** How one model is asked. */
export function ColumnSheet({ chat, column, name, model, onClose }: { chat: Chat; column: Column; name: string; model: Model | undefined; onClose: () => void }) {
  const { data: providers = [] } = useQuery(providersQuery())
  const { values, set, errors, submit } = useForm(valuesOf(column), check)
  const takes = (parameter: string) => !model || model.supported_parameters.includes(parameter)
  const save = () =>
    submit(async () => {
      chat.changeColumn(column.id, { parameters: parametersOf(values), system: values.ownSystem ? values.system : undefined })
      onClose()
    })
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={`Parameters of ${name}`}
      description="Empty fields are the model’s defaults."
      onSubmit={() => void save()}
      actions={
        <>
          <Button kind="quiet" className="mr-auto" onClick={() => set(valuesOf({ ...column, parameters: {}, system: undefined }))}>
            Reset
          </Button>
          <FormActions submit="Save" onCancel={onClose} />
        </>
      }
    >
      <FieldGroup legend="Answer">
        <div className="grid grid-cols-2 gap-4">
          <Field label="Temperature" hint={takes('temperature') ? '0 to 2' : 'This model has none'} error={errors.temperature}>
            <Input inputMode="decimal" value={values.temperature} onChange={(e) => set({ temperature: e.target.value })} />
          </Field>
          <Field label="Top P" hint={takes('top_p') ? '0 to 1' : 'This model has none'} error={errors.top_p}>
            <Input inputMode="decimal" value={values.top_p} onChange={(e) => set({ top_p: e.target.value })} />
          </Field>
          <Field label="Longest answer" error={errors.max_tokens}>
            <Input inputMode="numeric" after="tokens" value={values.max_tokens} onChange={(e) => set({ max_tokens: e.target.value })} />
          </Field>
          <Field label="Reasoning" hint={takes('reasoning') ? undefined : 'This model does not reason'}>
            <Select value={values.effort} onChange={(effort) => set({ effort })} options={efforts} />
          </Field>
        </div>
      </FieldGroup>
      <FieldGroup legend="Providers">
        <Field label="Only these" hint="Any provider of the model when empty.">
          <MultiCombobox label="Providers" placeholder="Any" value={values.only} onChange={(only) => set({ only })} choices={providers.map((p) => ({ value: p.slug, label: p.name }))} />
        </Field>
        <Field label="Order">
          <Select value={values.sort} onChange={(sort) => set({ sort })} options={sorts} />
        </Field>
        <Checkbox label="Only endpoints that keep nothing" checked={values.zdr} onChange={(zdr) => set({ zdr })} />
      </FieldGroup>
      <FieldGroup legend="System prompt">
        <Checkbox label="One for this model alone" checked={values.ownSystem} onChange={(ownSystem) => set({ ownSystem })} />
        {values.ownSystem && <Textarea aria-label="System prompt of this model" rows={5} value={values.system} onChange={(e) => set({ system: e.target.value })} />}
      </FieldGroup>
      {errors.form && <Note kind="bad">{errors.form}</Note>}
    </Sheet>
  )
}

type Values = { temperature: string; top_p: string; max_tokens: string; effort: '' | Effort; only: string[]; sort: '' | NonNullable<Parameters['sort']>; zdr: boolean; ownSystem: boolean; system: string }

function valuesOf({ parameters: p, system }: Column): Values {
  const text = (n: number | undefined) => (n === undefined ? '' : String(n))
  return {
    ...{ temperature: text(p.temperature), top_p: text(p.top_p), max_tokens: text(p.max_tokens) },
    ...{ effort: p.effort ?? '', only: p.only ?? [], sort: p.sort ?? '', zdr: p.zdr ?? false, ownSystem: system !== undefined, system: system ?? '' },
  }
}

function parametersOf(v: Values): Parameters {
  const number = (text: string) => (text.trim() ? Number(text) : undefined)
  return {
    ...{ temperature: number(v.temperature), top_p: number(v.top_p), max_tokens: number(v.max_tokens) },
    ...{ effort: v.effort || undefined, only: v.only.length ? v.only : undefined, sort: v.sort || undefined, zdr: v.zdr || undefined },
  }
}

function check(v: Values) {
  const within = (text: string, most: number) => !text.trim() || (Number(text) >= 0 && Number(text) <= most)
  const whole = !v.max_tokens.trim() || (Number.isSafeInteger(Number(v.max_tokens)) && Number(v.max_tokens) > 0)
  return {
    temperature: within(v.temperature, 2) ? undefined : 'A number from 0 to 2',
    top_p: within(v.top_p, 1) ? undefined : 'A number from 0 to 1',
    max_tokens: whole ? undefined : 'A whole number of tokens',
  }
}

import { useForm } from '@/lib/form'
import type { Workspace } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note, Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { useWorkspaceActions } from './queries'

type Values = { on: boolean; io_logging_sampling_rate: string; io_logging_retention_days: string }

/** Whether prompts and answers of a workspace are kept, of how many requests and how long. */
export function Logging({ of: w }: { of: Workspace }) {
  const { change } = useWorkspaceActions()
  const initial: Values = { on: w.is_observability_io_logging_enabled, io_logging_sampling_rate: String(w.io_logging_sampling_rate * 100), io_logging_retention_days: String(w.io_logging_retention_days ?? 90) }
  const form = useForm<Values>(initial, (v) => ({
    io_logging_sampling_rate: Number(v.io_logging_sampling_rate) >= 0.01 && Number(v.io_logging_sampling_rate) <= 100 ? undefined : 'A share from 0.01 to 100',
    io_logging_retention_days: /^[1-9]\d*$/.test(v.io_logging_retention_days) ? undefined : 'A whole number of days, from 1',
  }))
  const { values: v, set, errors } = form
  const send = async (v: Values) => {
    await change(w.id, { is_observability_io_logging_enabled: v.on, io_logging_sampling_rate: Number(v.io_logging_sampling_rate) / 100, io_logging_retention_days: Number(v.io_logging_retention_days) })
    toast(v.on ? 'Prompts and answers are kept from now on' : 'Prompts and answers are not kept')
  }
  const shorter = Number(v.io_logging_retention_days) < (w.io_logging_retention_days ?? 90)
  return (
    <Panel title="Prompts and answers" about="Sealed, for admins of the workspace. Under zero data retention nothing is kept.">
      <Form onSubmit={() => void form.submit(send)}>
        <Checkbox label="Keep prompts and answers" checked={v.on} onChange={(on) => set({ on })} />
        {v.on && (
          <div className="grid grid-cols-2 gap-3">
            <Field label="Of requests" error={errors.io_logging_sampling_rate}>
              <Input after="%" inputMode="decimal" value={v.io_logging_sampling_rate} onChange={(e) => set({ io_logging_sampling_rate: e.target.value.trim() })} />
            </Field>
            <Field label="For" error={errors.io_logging_retention_days}>
              <Input after="days" inputMode="numeric" value={v.io_logging_retention_days} onChange={(e) => set({ io_logging_retention_days: e.target.value.trim() })} />
            </Field>
          </div>
        )}
        {v.on && shorter && <Note kind="warn">What is older is deleted.</Note>}
        {errors.form && <Note kind="bad">{errors.form}</Note>}
        <Button kind="primary" type="submit" className="self-start" busy={form.busy}>
          Save what to keep
        </Button>
      </Form>
    </Panel>
  )
}

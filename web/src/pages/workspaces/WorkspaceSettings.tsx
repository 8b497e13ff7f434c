import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useForm } from '@/lib/form'
import { modelsQuery, type Workspace } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Created, None } from '@/ui/Format'
import { Input, Textarea } from '@/ui/Input'
import { Facts, Note, Panel } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { Logging } from './Logging'
import { useWorkspaceActions } from './queries'
import { changeOf, check, orders, valuesOf, type WorkspaceValues } from './values'

const route = getRouteApi('/shell/workspaces/$id')

export function WorkspaceSettings({ of: w }: { of: Workspace }) {
  const { can } = useSession()
  if (!can('rules:write')) return <Shown of={w} />
  return (
    <div className="flex flex-col gap-4">
      <Defaults of={w} />
      <Logging of={w} />
    </div>
  )
}

function Shown({ of: w }: { of: Workspace }) {
  return (
    <Panel title="Settings">
      <Facts
        rows={[
          ['Endpoints', orders.find((o) => o.value === (w.default_provider_sort ?? ''))?.label],
          ['Default model', w.default_text_model ?? <None key="text" />],
          ['Default image model', w.default_image_model ?? <None key="image" />],
          ['Prompts and answers', w.is_observability_io_logging_enabled ? `kept for ${w.io_logging_retention_days ?? 90} days` : 'not kept'],
          ['Created', <Created key="created" at={w.created_at} />],
        ]}
      />
    </Panel>
  )
}

function Defaults({ of: w }: { of: Workspace }) {
  const { change } = useWorkspaceActions()
  const navigate = route.useNavigate()
  const { data: models = [] } = useQuery(modelsQuery())
  const form = useForm<WorkspaceValues>(valuesOf(w), check)
  const { values: v, errors, set } = form
  const send = async (values: WorkspaceValues) => {
    await change(w.id, changeOf(values))
    toast(`${values.name.trim()} is changed`)
    if (values.slug !== w.slug) await navigate({ params: { id: values.slug }, search: (old) => ({ ...old, workspace: undefined }), replace: true })
  }
  const that = (output: string) => models.filter((m) => m.architecture.output_modalities.some((o) => o === output)).map((m) => ({ value: m.id, label: m.id }))
  return (
    <Panel title="Settings">
      <Form onSubmit={() => void form.submit(send)}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" error={errors.name}>
            <Input maxLength={100} value={v.name} onChange={(e) => set({ name: e.target.value })} />
          </Field>
          <Field label="Slug" error={errors.slug}>
            <Input maxLength={50} spellCheck={false} className="font-mono" value={v.slug} onChange={(e) => set({ slug: e.target.value.trim() })} />
          </Field>
        </div>
        <Field label="What it is for" optional error={errors.description}>
          <Textarea rows={2} maxLength={500} value={v.description} onChange={(e) => set({ description: e.target.value })} />
        </Field>
        <Field label="Order of endpoints" hint="Where a request does not say." error={errors.default_provider_sort}>
          <Select value={v.default_provider_sort} onChange={(default_provider_sort) => set({ default_provider_sort })} options={orders} />
        </Field>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Default model" optional hint="For programs to read; a request names its model." error={errors.default_text_model}>
            <Combobox free label="Default model" placeholder="None" value={v.default_text_model} onChange={(default_text_model) => set({ default_text_model })} choices={that('text')} />
          </Field>
          <Field label="Default image model" optional error={errors.default_image_model}>
            <Combobox free label="Default image model" placeholder="None" value={v.default_image_model} onChange={(default_image_model) => set({ default_image_model })} choices={that('image')} />
          </Field>
        </div>
        {errors.form && <Note kind="bad">{errors.form}</Note>}
        <Button kind="primary" type="submit" className="self-start" busy={form.busy}>
          Save
        </Button>
      </Form>
    </Panel>
  )
}

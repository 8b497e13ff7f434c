import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Guardrail } from '@/lib/guardrails'
import { useForm } from '@/lib/form'
import { workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button, IconButton } from '@/ui/Button'
import { CopyButton, Mono } from '@/ui/Code'
import { Confirm } from '@/ui/Dialog'
import { Form } from '@/ui/Form'
import { Loaded } from '@/ui/Loaded'
import { Note, PageBody, PageHeader } from '@/ui/Panel'
import { Tabs } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { KeysUnder, MembersUnder } from './Assignments'
import { FilterFields } from './FilterFields'
import { LivePreview } from './LivePreview'
import { guardrailQuery, useGuardrailActions } from './queries'
import { RuleFields } from './RuleFields'
import { changeOf, check, type GuardrailValues, valuesOf } from './values'

const route = getRouteApi('/shell/guardrails/$id')

export function GuardrailPage() {
  const { id } = route.useParams()
  const guardrail = useQuery(guardrailQuery(id))
  return (
    <Loaded of={guardrail} lines={10} within="page" head={<PageHeader above={<ToGuardrails />} title="Guardrail" />}>
      {(g) => <Editor key={g.id} of={g} />}
    </Loaded>
  )
}

function ToGuardrails() {
  return (
    <Link to="/guardrails" className="hover:text-ink">
      Guardrails
    </Link>
  )
}

function Editor({ of: g }: { of: Guardrail }) {
  const { tab = 'rules' } = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { change, remove } = useGuardrailActions()
  const [removing, setRemoving] = useState(false)
  const form = useForm<GuardrailValues>(valuesOf(g), check)
  const home = workspaces.find((w) => w.default_guardrail_id === g.id)
  const write = can('rules:write')
  const rules = tab === 'rules' || tab === 'filters' // else who is under them
  const draft = changeOf(form.values, g)
  const changed = Object.keys(draft).length > 0
  const save = async (v: GuardrailValues) => {
    const { data } = await change(g.id, changeOf(v, g))
    form.reset(valuesOf(data)) // the gateway may write it otherwise
    toast(`${v.name.trim()} is changed`)
  }
  const fields = { values: form.values, set: form.set, errors: form.errors }
  return (
    <>
      <PageHeader
        above={<ToGuardrails />}
        title={g.name}
        about={
          <span className="flex items-center gap-1">
            {home ? `All traffic of ${home.name} is under it.` : <Mono className="text-xs! wrap-anywhere">{g.id}</Mono>}
            {!home && <CopyButton text={g.id} label="Copy the guardrail’s id" />}
          </span>
        }
        actions={write && !home && <IconButton icon={Trash2} label="Delete the guardrail" onClick={() => setRemoving(true)} />}
      />
      <PageBody className="max-w-7xl!">
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
          <Form className="flex min-w-0 flex-col gap-4" onSubmit={() => void form.submit(save)}>
            <Tabs
              label="Guardrail"
              value={tab}
              onChange={(to) => void navigate({ search: (old) => ({ ...old, tab: to === 'rules' ? undefined : to }), replace: true })}
              tabs={[
                { id: 'rules', label: 'Rules', content: <fieldset disabled={!write}><RuleFields {...fields} /></fieldset> },
                { id: 'filters', label: 'Content', content: <fieldset disabled={!write}><FilterFields {...fields} moderation={g.moderation} /></fieldset> },
                { id: 'keys', label: 'Keys under it', content: <KeysUnder id={g.id} /> },
                { id: 'members', label: 'Members under it', content: <MembersUnder id={g.id} /> },
              ]}
            />
            {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
            {write && rules && (
              <div className="sticky bottom-0 -mx-1 flex items-center gap-2 border-t border-line bg-page px-1 py-3">
                <Button kind="primary" type="submit" busy={form.busy} disabled={!changed}>
                  Save
                </Button>
                {changed && <Button onClick={() => form.reset(valuesOf(g))}>Discard changes</Button>}
                <span className="text-sm text-muted">{changed ? 'In force when saved.' : 'Everything is saved.'}</span>
              </div>
            )}
          </Form>
          {rules && <LivePreview id={g.id} draft={draft} />}
        </div>
      </PageBody>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Delete “${g.name}”?`}
        action="Delete guardrail"
        type={g.name}
        onConfirm={async () => {
          await remove(g.id)
          toast(`${g.name} is deleted`)
          await navigate({ to: '/guardrails', search: {} })
        }}
      >
        Keys and members that are under it are free of its rules at once.
      </Confirm>
    </>
  )
}

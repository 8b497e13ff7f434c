import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { providersQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'

/** Takes a provider's key and tries it. */
export function ProviderStep() {
  const { demo } = useSession()
  const { data: providers = [] } = useQuery(providersQuery(true))
  const navigate = useNavigate()
  const client = useQueryClient()
  const [refused, setRefused] = useState('')
  const form = useForm({ provider: '', key: '' }, (v) => ({ provider: v.provider ? undefined : 'Choose a provider', key: v.key.trim() ? undefined : 'The key as the provider gave it' }))
  const next = async () => {
    await client.invalidateQueries({ queryKey: ['models'] })
    await navigate({ to: '/setup', search: { step: 'call' } })
  }
  const send = async (v: typeof form.values) => {
    setRefused('')
    const { data } = await ask(api.POST('/byok', { body: { provider: v.provider, key: v.key.trim(), workspace_id: null } }))
    const tried = await ask(api.POST('/byok/{id}/test', { params: { path: { id: data.id } } }))
    if (tried.data.ok) return next()
    await ask(api.DELETE('/byok/{id}', { params: { path: { id: data.id } } })) // a key that does not work is not kept
    setRefused(tried.data.error?.message ?? 'The provider refused the key.')
  }
  return (
    <Form onSubmit={() => void form.submit(send)}>
      <Field label="Provider" error={form.errors.provider}>
        <Combobox
          label="Provider"
          placeholder="Choose a provider"
          value={form.values.provider}
          onChange={(provider) => form.set({ provider })}
          choices={providers.filter((p) => !p.slug.startsWith('demo-')).map((p) => ({ value: p.slug, label: p.name }))}
        />
      </Field>
      <Field label="Key" hint="It is stored sealed and never shown again." error={form.errors.key}>
        <Input type="password" autoComplete="off" spellCheck={false} value={form.values.key} onChange={(e) => form.set({ key: e.target.value })} />
      </Field>
      {refused && <Note kind="bad">{refused}</Note>}
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <div className="flex justify-between gap-2">
        <Button kind="quiet" onClick={() => void next()}>
          {demo ? 'Go on with the demo' : 'Skip'}
        </Button>
        <Button kind="primary" type="submit" busy={form.busy}>
          Add and test
        </Button>
      </div>
    </Form>
  )
}

import { useState } from 'react'
import { useChoices } from '@/lib/choices'
import { duration } from '@/lib/format'
import { useForm } from '@/lib/form'
import { modelsQuery, providersQuery } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Sheet } from '@/ui/Dialog'
import { Field, FieldGroup } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { type OwnEndpoint, type Trial, useCatalogueActions } from './queries'

const protocols = [
  { value: 'openai.chat', label: 'OpenAI chat completions' },
  { value: 'openai.responses', label: 'OpenAI Responses' },
  { value: 'anthropic.messages', label: 'Anthropic messages' },
  { value: 'gemini.generateContent', label: 'Gemini' },
  { value: 'ollama.chat', label: 'Ollama' },
] as const

type Values = { slug: string; base_url: string; api_key: string; protocol: string; provider_slug: string; model_permaslug: string; upstream_model_id: string; context_length: string; free: boolean; prompt: string; completion: string; keeps_nothing: boolean }

const empty: Values = { slug: '', base_url: '', api_key: '', protocol: 'openai.chat', provider_slug: '', model_permaslug: '', upstream_model_id: '', context_length: '', free: true, prompt: '', completion: '', keeps_nothing: false }

/** One form for a server of one's own and the model it serves: made, called once, and put in force when that went well. */
export function EndpointSheet({ onClose }: { onClose: () => void }) {
  const { addProvider, addEndpoint, validate, activate } = useCatalogueActions()
  const providers = useChoices(providersQuery(true))
  const models = useChoices(modelsQuery(true))
  const [at, setAt] = useState<'new' | 'known'>('new')
  const [made, setMade] = useState<OwnEndpoint | null>(null)
  const [trial, setTrial] = useState<Trial | null>(null)
  const form = useForm<Values>(empty, (v) => ({
    ...(at === 'new' ? { slug: /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(v.slug) ? undefined : 'Lower-case letters, digits, and - _ . between', base_url: /^https?:\/\/\S+$/.test(v.base_url) ? undefined : 'An address such as http://localhost:11434/v1' } : { provider_slug: v.provider_slug ? undefined : 'Choose a provider' }),
    model_permaslug: /^[^/\s]+\/[^/\s]+$/.test(v.model_permaslug) ? undefined : 'author/name',
    upstream_model_id: v.upstream_model_id.trim() ? undefined : 'What the server calls the model',
    ...(v.free ? {} : { prompt: price(v.prompt), completion: price(v.completion) }),
  }))
  const { values: v, set, errors } = form
  const send = async (v: Values) => {
    let endpoint = made
    if (!endpoint) {
      const slug = at === 'new' ? (await addProvider({ slug: v.slug, base_url: v.base_url, protocol: v.protocol, ...(v.api_key ? { api_key: v.api_key } : {}) })).slug : v.provider_slug
      set({ provider_slug: slug })
      setAt('known') // it is there now, whatever comes next
      endpoint = await addEndpoint({
        provider_slug: slug,
        model_permaslug: v.model_permaslug,
        upstream_model_id: v.upstream_model_id.trim(),
        status: 'draft',
        free: v.free,
        ...(v.free ? {} : { pricing: { prompt: perToken(v.prompt), completion: perToken(v.completion) } }),
        ...(v.context_length ? { context_length: Number(v.context_length) } : {}),
        ...(v.keeps_nothing ? { declared_zdr: true } : {}),
      })
      setMade(endpoint)
    }
    const tried = await validate(endpoint.id)
    setTrial(tried)
    if (tried.ok) await use(endpoint)
  }
  const use = async (endpoint: OwnEndpoint) => {
    await activate(endpoint.id)
    toast(`${endpoint.model_permaslug} can be used`)
    onClose()
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title="Add an endpoint"
      description="A model on a server of yours, or one that the catalogue does not have. It is called once before it is used."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={
        <>
          <Button onClick={onClose}>{made ? 'Leave as a draft' : 'Cancel'}</Button>
          {made && trial && !trial.ok && <Button onClick={() => void form.submit(() => use(made))}>Use it anyway</Button>}
          <Button kind="primary" type="submit" busy={form.busy}>
            {made ? 'Try again' : 'Add and try'}
          </Button>
        </>
      }
    >
      {made ? (
        <Note>
          {made.model_permaslug} at {made.provider_slug} is there as a draft.
        </Note>
      ) : (
        <>
          <Segments
            label="Where"
            value={at}
            onChange={setAt}
            options={[
              { value: 'new', label: 'A server of mine' },
              { value: 'known', label: 'A known provider' },
            ]}
          />
          {at === 'new' ? (
            <FieldGroup legend="Server">
              <Field label="Address" hint="Up to where the path of the API begins." error={errors.base_url}>
                <Input autoFocus spellCheck={false} placeholder="http://localhost:11434/v1" value={v.base_url} onChange={(e) => set({ base_url: e.target.value.trim() })} />
              </Field>
              <div className="grid gap-3 sm:grid-cols-2">
                <Field label="Slug" hint="The server’s name in the catalogue." error={errors.slug}>
                  <Input spellCheck={false} className="font-mono" placeholder="my-server" value={v.slug} onChange={(e) => set({ slug: e.target.value.trim() })} />
                </Field>
                <Field label="It speaks" error={errors.protocol}>
                  <Select value={v.protocol} onChange={(protocol) => set({ protocol })} options={protocols} />
                </Field>
              </div>
              <Field label="Key" optional error={errors.api_key}>
                <Input type="password" autoComplete="off" value={v.api_key} onChange={(e) => set({ api_key: e.target.value })} />
              </Field>
            </FieldGroup>
          ) : (
            <Field label="Provider" error={errors.provider_slug}>
              <Combobox label="Provider" placeholder="Choose a provider" value={v.provider_slug} onChange={(provider_slug) => set({ provider_slug })} onOpen={providers.onOpen} choices={providers.list?.map((p) => ({ value: p.slug, label: p.name }))} />
            </Field>
          )}
          <FieldGroup legend="Model">
            <Field label="Model" hint="Of the catalogue, or a new author/name." error={errors.model_permaslug}>
              <Combobox free label="Model" placeholder="author/name" value={v.model_permaslug} onChange={(model_permaslug) => set({ model_permaslug })} onOpen={models.onOpen} choices={models.list?.map((m) => ({ value: m.id, label: m.id }))} />
            </Field>
            <div className="grid gap-3 sm:grid-cols-2">
              <Field label="Name at the server" error={errors.upstream_model_id}>
                <Input spellCheck={false} className="font-mono" value={v.upstream_model_id} onChange={(e) => set({ upstream_model_id: e.target.value })} />
              </Field>
              <Field label="Context" optional error={errors.context_length}>
                <Input inputMode="numeric" after="tokens" value={v.context_length} onChange={(e) => set({ context_length: e.target.value.trim() })} />
              </Field>
            </div>
            <Checkbox label="It costs nothing" checked={v.free} onChange={(free) => set({ free })} />
            {!v.free && (
              <div className="grid grid-cols-2 gap-3">
                <Field label="Input, per million" error={errors.prompt}>
                  <Input before="$" inputMode="decimal" value={v.prompt} onChange={(e) => set({ prompt: e.target.value.trim() })} />
                </Field>
                <Field label="Output, per million" error={errors.completion}>
                  <Input before="$" inputMode="decimal" value={v.completion} onChange={(e) => set({ completion: e.target.value.trim() })} />
                </Field>
              </div>
            )}
            <Checkbox label="Nothing is kept there" checked={v.keeps_nothing} onChange={(keeps_nothing) => set({ keeps_nothing })} />
          </FieldGroup>
        </>
      )}
      {trial && !trial.ok && (
        <Note kind="bad">
          The call failed after {duration(trial.took_ms)}: {trial.error?.message ?? `the server answered ${trial.status ?? 'nothing'}`}
        </Note>
      )}
      {errors.form && <Note kind="bad">{errors.form}</Note>}
    </Sheet>
  )
}

function price(text: string): string | undefined {
  return /^\d+(\.\d{1,6})?$/.test(text) ? undefined : 'An amount such as 0.50'
}

/** Dollars per million as the API's decimal string per token, without the noise of binary fractions. */
function perToken(millions: string): string {
  const [whole = '0', part = ''] = millions.split('.')
  const digits = (whole + part.padEnd(6, '0')).padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`
}

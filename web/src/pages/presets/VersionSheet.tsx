import { useState } from 'react'
import { useChoices } from '@/lib/choices'
import { useForm } from '@/lib/form'
import { objectIn } from '@/lib/json'
import { modelsQuery } from '@/lib/queries'
import { Combobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import { type Dialect, usePresetActions, type Version } from './queries'

type Values = { slug: string; model: string; system: string; temperature: string; max_tokens: string; dialect: Dialect; pasted: string }

const dialects: readonly { value: Dialect; label: string }[] = [
  { value: 'openai.chat', label: 'Chat completions' },
  { value: 'anthropic.messages', label: 'Anthropic messages' },
  { value: 'openai.responses', label: 'Responses' },
]

const spoken = { role: 'user', content: '…' } // what the API wants of a request and does not keep

/** A preset, or the next version of one, out of a form or a pasted request. */
export function VersionSheet({ slug, last, onClose, onMade }: { slug?: string; last?: Version; onClose: () => void; onMade: (slug: string) => void }) {
  const { put } = usePresetActions()
  const models = useChoices(modelsQuery())
  const [by, setBy] = useState<'form' | 'request'>(last ? 'request' : 'form')
  const initial: Values = { slug: slug ?? '', model: '', system: '', temperature: '', max_tokens: '', dialect: last?.dialect ?? 'openai.chat', pasted: last ? JSON.stringify(requestOf(last), null, 2) : '' }
  const form = useForm<Values>(initial, (v) => ({
    slug: /^[a-z0-9][a-z0-9._-]*$/.test(v.slug) ? undefined : 'Lower-case letters, digits, and - _ . between',
    ...(by === 'form'
      ? {
          model: v.model || v.system.trim() || v.temperature || v.max_tokens ? undefined : 'A model, or one of the fields below',
          temperature: v.temperature === '' || (Number(v.temperature) >= 0 && Number(v.temperature) <= 2) ? undefined : 'A number from 0 to 2, or nothing',
          max_tokens: v.max_tokens === '' || /^[1-9]\d*$/.test(v.max_tokens) ? undefined : 'A whole number from 1, or nothing',
        }
      : { pasted: objectIn(v.pasted) ? undefined : 'A JSON object: the body of a request' }),
  }))
  const { values: v, set, errors } = form
  const unseen = by === 'request' ? (errors.model ?? errors.temperature ?? errors.max_tokens) : undefined // their fields are not there
  const send = async (v: Values) => {
    if (by === 'request') await put(v.slug, v.dialect, objectIn(v.pasted) ?? {})
    else {
      const messages = [...(v.system.trim() ? [{ role: 'system', content: v.system.trim() }] : []), spoken]
      await put(v.slug, 'openai.chat', { ...(v.model ? { model: v.model } : {}), ...(v.temperature ? { temperature: Number(v.temperature) } : {}), ...(v.max_tokens ? { max_tokens: Number(v.max_tokens) } : {}), messages })
    }
    onMade(v.slug)
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title={slug ? 'New version' : 'New preset'}
      description={slug ? 'It is in use at once; versions before it stay.' : 'Settings that requests name instead of repeating them.'}
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit={slug ? 'Make the version' : 'Create preset'} busy={form.busy} onCancel={onClose} />}
    >
      {!slug && (
        <Field label="Slug" hint="Requests name it: @preset/slug." error={errors.slug}>
          <Input autoFocus spellCheck={false} className="font-mono" value={v.slug} onChange={(e) => set({ slug: e.target.value.trim() })} />
        </Field>
      )}
      <Segments
        label="Made from"
        value={by}
        onChange={setBy}
        options={[
          { value: 'form', label: 'A form' },
          { value: 'request', label: 'A request' },
        ]}
      />
      {by === 'form' ? (
        <>
          <Field label="Model" optional error={errors.model}>
            <Combobox free label="Model" placeholder="The request’s" value={v.model} onChange={(model) => set({ model })} onOpen={models.onOpen} choices={models.list?.map((m) => ({ value: m.id, label: m.id }))} />
          </Field>
          <Field label="System prompt" optional error={errors.system}>
            <Textarea rows={6} value={v.system} onChange={(e) => set({ system: e.target.value })} />
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Temperature" optional error={errors.temperature}>
              <Input inputMode="decimal" value={v.temperature} onChange={(e) => set({ temperature: e.target.value.trim() })} />
            </Field>
            <Field label="Output limit" optional error={errors.max_tokens}>
              <Input inputMode="numeric" after="tokens" value={v.max_tokens} onChange={(e) => set({ max_tokens: e.target.value.trim() })} />
            </Field>
          </div>
        </>
      ) : (
        <>
          <Field label="API" error={errors.dialect}>
            <Select value={v.dialect} onChange={(dialect) => set({ dialect })} options={dialects} />
          </Field>
          <Field label="Request" hint="The body. Its settings and system prompt are kept, the conversation is not." error={errors.pasted}>
            <Textarea rows={14} spellCheck={false} className="font-mono text-sm" value={v.pasted} onChange={(e) => set({ pasted: e.target.value })} />
          </Field>
        </>
      )}
      {(errors.form ?? unseen) && <Note kind="bad">{errors.form ?? unseen}</Note>}
    </Sheet>
  )
}

/** A request that makes the same version again. */
function requestOf(v: Version): Record<string, unknown> {
  const system = v.system_prompt
  if (v.dialect === 'anthropic.messages') return { ...v.config, ...(system ? { system } : {}), messages: [spoken] }
  if (v.dialect === 'openai.responses') return { ...v.config, ...(system ? { instructions: system } : {}), input: '…' }
  return { ...v.config, messages: [...(system ? [{ role: 'system', content: system }] : []), spoken] }
}

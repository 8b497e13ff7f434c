import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Select } from '@/ui/Select'
import type { Secret } from './secret'

type Props = { secret: Secret; set: (change: Partial<Secret>) => void; errors: Partial<Record<keyof Secret, string>>; optional?: boolean; hint?: string }

const hidden = { type: 'password', autoComplete: 'off', spellCheck: false } as const

/** The secret, in the shape that its provider gives it. */
export function SecretFields({ secret: s, set, errors, optional, hint }: Props) {
  const region = (label: string, about?: string) => (
    <Field label="Region" optional={optional || s.shape === 'vertex'} hint={about} error={errors.region}>
      <Input spellCheck={false} placeholder={label} value={s.region} onChange={(e) => set({ region: e.target.value })} />
    </Field>
  )
  switch (s.shape) {
    case 'azure':
      return (
        <>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Resource" optional={optional} error={errors.resource}>
              <Input spellCheck={false} value={s.resource} onChange={(e) => set({ resource: e.target.value })} />
            </Field>
            <Field label="Kind of resource">
              <Select
                value={s.resource_type}
                onChange={(resource_type) => set({ resource_type })}
                options={[
                  { value: 'openai', label: 'Azure OpenAI' },
                  { value: 'ai_foundry', label: 'AI Foundry' },
                ]}
              />
            </Field>
          </div>
          <Field label="Key" optional={optional} hint={hint} error={errors.key}>
            <Input {...hidden} value={s.key} onChange={(e) => set({ key: e.target.value })} />
          </Field>
        </>
      )
    case 'bedrock':
      return (
        <>
          <Field label="Access key id" optional={optional} error={errors.access_key}>
            <Input autoComplete="off" spellCheck={false} value={s.access_key} onChange={(e) => set({ access_key: e.target.value })} />
          </Field>
          <Field label="Secret access key" optional={optional} hint={hint} error={errors.secret_key}>
            <Input {...hidden} value={s.secret_key} onChange={(e) => set({ secret_key: e.target.value })} />
          </Field>
          {region('eu-central-1')}
        </>
      )
    case 'vertex':
      return (
        <>
          <Field label="Key file" optional={optional} hint={hint ?? 'The JSON file of a service account.'} error={errors.key}>
            <Textarea rows={5} spellCheck={false} autoComplete="off" className="font-mono text-sm" value={s.key} onChange={(e) => set({ key: e.target.value })} />
          </Field>
          {region('global')}
        </>
      )
    case 'plain':
      return (
        <Field label="Key" optional={optional} hint={hint} error={errors.key}>
          <Input {...hidden} value={s.key} onChange={(e) => set({ key: e.target.value })} />
        </Field>
      )
  }
}

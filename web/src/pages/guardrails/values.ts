import type { Errors } from '@/lib/form'
import type { Schemas } from '@/lib/api'
import type { Guardrail } from '@/lib/guardrails'
import type { GuardrailChange } from './queries'

export type Builtin = Schemas['BuiltinFilter']
export type Pattern = Schemas['PatternFilter']
export type Action = Builtin['action']

/** A guardrail as the editor has it. Of what a form cannot show, moderation, the guardrail keeps what it has. */
export type GuardrailValues = {
  name: string
  description: string
  allowed_models: string[]
  ignored_models: string[]
  allowed_providers: string[]
  ignored_providers: string[]
  allowed_data_regions: string[]
  enforce_zdr: boolean
  /** Endpoints that train or publish may be used. */
  enable_paid_model_training: boolean
  enable_free_model_training: boolean
  enable_free_model_publication: boolean
  limit_usd: string
  reset_interval: 'daily' | 'weekly' | 'monthly' | ''
  content_filter_builtins: Builtin[]
  content_filters: Pattern[]
  prompt_injection_allow_list: string
}

export const builtins: readonly { slug: Builtin['slug']; name: string; finds: string }[] = [
  { slug: 'email', name: 'E-mail addresses', finds: 'ann@example.com' },
  { slug: 'phone', name: 'Phone numbers', finds: '+49 30 901820' },
  { slug: 'ssn', name: 'Social security numbers', finds: 'of the United States' },
  { slug: 'credit-card', name: 'Credit cards', finds: 'with a right check digit' },
  { slug: 'ip-address', name: 'IP addresses', finds: 'versions 4 and 6' },
  { slug: 'person-name', name: 'Names of people', finds: 'known given names and surnames' },
  { slug: 'address', name: 'Postal addresses', finds: 'English, German, Romance' },
  { slug: 'secrets', name: 'Secrets', finds: 'keys of known formats' },
  { slug: 'regex-prompt-injection', name: 'Prompt injection', finds: 'a tripwire, no defence' },
]

export const actions: readonly { value: Action | ''; label: string }[] = [
  { value: '', label: 'Off' },
  { value: 'flag', label: 'Flag' },
  { value: 'redact', label: 'Redact' },
  { value: 'block', label: 'Block' },
]

export function valuesOf(g: Guardrail): GuardrailValues {
  return {
    name: g.name,
    description: g.description ?? '',
    allowed_models: g.allowed_models ?? [],
    ignored_models: g.ignored_models ?? [],
    allowed_providers: g.allowed_providers ?? [],
    ignored_providers: g.ignored_providers ?? [],
    allowed_data_regions: g.allowed_data_regions ?? [],
    enforce_zdr: g.enforce_zdr ?? false,
    enable_paid_model_training: g.enable_paid_model_training ?? true,
    enable_free_model_training: g.enable_free_model_training ?? true,
    enable_free_model_publication: g.enable_free_model_publication ?? true,
    limit_usd: g.limit_usd === null ? '' : String(g.limit_usd),
    reset_interval: g.reset_interval ?? '',
    content_filter_builtins: g.content_filter_builtins ?? [],
    content_filters: g.content_filters ?? [],
    prompt_injection_allow_list: (g.prompt_injection_allow_list ?? []).join('\n'),
  }
}

export function check(v: GuardrailValues): Errors<GuardrailValues> {
  return {
    name: v.name.trim() ? undefined : 'A name',
    limit_usd: v.limit_usd === '' || (/^\d+(\.\d{1,9})?$/.test(v.limit_usd) && Number(v.limit_usd) > 0) ? undefined : 'An amount such as 25 or 2.50, or nothing',
    content_filters: v.content_filters.every((f) => f.pattern) ? undefined : 'A pattern for each, or take the row away',
  }
}

/** What differs from the guardrail as it is: what PATCH takes, and the preview. */
export function changeOf(v: GuardrailValues, g: Guardrail): GuardrailChange {
  const old = wholeOf(valuesOf(g))
  return Object.fromEntries(Object.entries(wholeOf(v)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof GuardrailChange])))
}

function wholeOf(v: GuardrailValues): GuardrailChange {
  const some = <T>(list: T[]) => (list.length ? list : null)
  return {
    name: v.name.trim(),
    description: v.description.trim() || null,
    allowed_models: some(v.allowed_models),
    ignored_models: some(v.ignored_models),
    allowed_providers: some(v.allowed_providers),
    ignored_providers: some(v.ignored_providers),
    allowed_data_regions: some(v.allowed_data_regions),
    enforce_zdr: v.enforce_zdr || null,
    enable_paid_model_training: v.enable_paid_model_training ? null : false,
    enable_free_model_training: v.enable_free_model_training ? null : false,
    enable_free_model_publication: v.enable_free_model_publication ? null : false,
    limit_usd: v.limit_usd === '' ? null : Number(v.limit_usd),
    reset_interval: v.limit_usd === '' ? null : v.reset_interval || null,
    content_filter_builtins: some(v.content_filter_builtins),
    content_filters: some(v.content_filters.filter((f) => f.pattern)),
    prompt_injection_allow_list: some(v.prompt_injection_allow_list.split('\n').map((l) => l.trim()).filter(Boolean)),
  }
}

import type { Errors } from '@/lib/form'
import type { Role } from '@/lib/roles'
import type { Key, KeyChange, NewKey } from './queries'

export type Reset = NonNullable<Key['limit_reset']>

/** A key as a form has it: texts, and lists. */
export type KeyValues = {
  name: string
  management: boolean
  role: Role
  /** Whose key it is: a member's id, "" for nobody's; undefined for who makes it. */
  creator_user_id?: string
  limit: string
  limit_reset: Reset | ''
  include_byok_in_limit: boolean
  /** A day, as yyyy-mm-dd; the key ends at its end, in UTC. */
  expires: string
  allowed_models: string[]
  allowed_providers: string[]
  allowed_ips: string
  requests_per_minute: string
  tokens_per_minute: string
  concurrent_requests: string
  labels: string
}

export const noKey: KeyValues = {
  name: '',
  management: false,
  role: 'admin',
  limit: '',
  limit_reset: '',
  include_byok_in_limit: false,
  expires: '',
  allowed_models: [],
  allowed_providers: [],
  allowed_ips: '',
  requests_per_minute: '',
  tokens_per_minute: '',
  concurrent_requests: '',
  labels: '',
}

export const resets: readonly { value: Reset | ''; label: string }[] = [
  { value: '', label: 'In all' },
  { value: 'daily', label: 'A day' },
  { value: 'weekly', label: 'A week' },
  { value: 'monthly', label: 'A month' },
]

export function valuesOf(k: Key): KeyValues {
  const number = (n: number | null | undefined) => (n == null ? '' : String(n))
  return {
    name: k.name,
    management: k.is_management_key ?? false,
    role: k.role ?? 'admin',
    limit: number(k.limit),
    limit_reset: k.limit_reset ?? '',
    include_byok_in_limit: k.include_byok_in_limit,
    expires: k.expires_at?.slice(0, 10) ?? '',
    allowed_models: k.allowed_models ?? [],
    allowed_providers: k.allowed_providers ?? [],
    allowed_ips: (k.allowed_ips ?? []).join('\n'),
    requests_per_minute: number(k.rate_limits?.requests_per_minute),
    tokens_per_minute: number(k.rate_limits?.tokens_per_minute),
    concurrent_requests: number(k.rate_limits?.concurrent_requests),
    labels: Object.entries(k.labels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  }
}

export function check(v: KeyValues): Errors<KeyValues> {
  const whole = (s: string) => (s === '' || /^[1-9]\d*$/.test(s) ? undefined : 'A whole number from 1, or nothing')
  return {
    name: v.name.trim() ? undefined : 'A name by which you will know the key',
    limit: v.limit === '' || /^\d+(\.\d{1,9})?$/.test(v.limit) ? undefined : 'An amount such as 25 or 2.50, or nothing',
    requests_per_minute: whole(v.requests_per_minute),
    tokens_per_minute: whole(v.tokens_per_minute),
    concurrent_requests: whole(v.concurrent_requests),
    labels: lines(v.labels).every((l) => /^[^=]+=/.test(l)) ? undefined : 'One name=value a line',
  }
}

/** What PATCH takes. */
export function changeOf(v: KeyValues): KeyChange {
  const number = (s: string) => (s === '' ? null : Number(s))
  return {
    name: v.name.trim(),
    limit: number(v.limit),
    limit_reset: v.limit_reset || null,
    include_byok_in_limit: v.include_byok_in_limit,
    ...(v.management ? { role: v.role } : {}),
    allowed_models: some(v.allowed_models),
    allowed_providers: some(v.allowed_providers),
    allowed_ips: some(lines(v.allowed_ips)),
    labels: v.labels.trim() ? Object.fromEntries(lines(v.labels).map(pair)) : null,
    rate_limits: { requests_per_minute: number(v.requests_per_minute), tokens_per_minute: number(v.tokens_per_minute), concurrent_requests: number(v.concurrent_requests) },
  }
}

/** What POST takes. */
export function newKeyOf(v: KeyValues, workspace: string | undefined): NewKey {
  return {
    ...changeOf(v),
    name: v.name.trim(),
    is_management_key: v.management,
    expires_at: v.expires ? `${v.expires}T23:59:59Z` : null,
    ...(v.creator_user_id === undefined ? {} : { creator_user_id: v.creator_user_id || null }),
    ...(workspace ? { workspace_id: workspace } : {}),
  }
}

function some(list: string[]): string[] | null {
  return list.length ? list : null
}

function lines(text: string): string[] {
  return text.split(/[\n,]/).map((l) => l.trim()).filter(Boolean)
}

function pair(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}

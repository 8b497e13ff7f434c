import type { Schemas } from '@/lib/api'
import type { Option } from '@/ui/Select'

/** Which requests a destination is told of; all groups must hold. */
export type Rules = NonNullable<Schemas['FilterRules']>
export type Group = Rules['groups'][number]
export type Rule = Group['rules'][number]

/** As many as the gateway takes. */
export const most = { groups: 10, rules: 20 }

export const newGroup: Group = { logic: 'and', rules: [{ field: 'model', operator: 'equals', value: '' }] }

export const fields: readonly Option<Rule['field']>[] = [
  { value: 'model', label: 'Model' },
  { value: 'provider', label: 'Provider' },
  { value: 'api_key_name', label: 'Key’s name' },
  { value: 'user_id', label: 'User' },
  { value: 'session_id', label: 'Session' },
  { value: 'finish_reason', label: 'Finish reason' },
  { value: 'input', label: 'Prompt' },
  { value: 'output', label: 'Answer' },
  { value: 'total_cost', label: 'Cost in $' },
  { value: 'total_tokens', label: 'Tokens' },
  { value: 'prompt_tokens', label: 'Prompt tokens' },
  { value: 'completion_tokens', label: 'Answer tokens' },
]

const ofTexts: readonly Option<Rule['operator']>[] = [
  { value: 'equals', label: 'is' },
  { value: 'not_equals', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'not_contains', label: 'does not contain' },
  { value: 'starts_with', label: 'starts with' },
  { value: 'ends_with', label: 'ends with' },
  { value: 'regex', label: 'matches' },
  { value: 'exists', label: 'is there' },
  { value: 'not_exists', label: 'is not there' },
]

const ofNumbers: readonly Option<Rule['operator']>[] = [
  { value: 'gt', label: 'is more than' },
  { value: 'gte', label: 'is at least' },
  { value: 'lt', label: 'is less than' },
  { value: 'lte', label: 'is at most' },
]

const isNumber = (field: Rule['field']) => field === 'total_cost' || field.endsWith('_tokens')

/** How a rule may compare what it looks at; what it does already is among them. */
export function operatorsOf({ field, operator }: Rule): readonly Option<Rule['operator']>[] {
  const own = isNumber(field) ? ofNumbers : ofTexts
  if (own.some((o) => o.value === operator)) return own
  return [...own, ...[...ofTexts, ...ofNumbers].filter((o) => o.value === operator)]
}

/** The rule about another field, compared as before where that can be. */
export function about(rule: Rule, field: Rule['field']): Rule {
  const own = isNumber(field) ? ofNumbers : ofTexts
  return { ...rule, field, operator: own.find((o) => o.value === rule.operator)?.value ?? own[0]!.value }
}

/** Whether some rule is about what was said. */
export const looksAtTexts = ({ groups }: Rules) => groups.some((g) => g.rules.some((r) => r.field === 'input' || r.field === 'output'))

export const hasValue = (r: Rule) => r.operator !== 'exists' && r.operator !== 'not_exists'

/** What is wrong with rules before they are sent. */
export function wrongInRules({ groups }: Rules): string | undefined {
  const all = groups.flatMap((g) => g.rules).filter(hasValue)
  if (all.some((r) => r.value === undefined || r.value === '')) return 'A value for each, or take the rule away'
  if (all.some((r) => ofNumbers.some((o) => o.value === r.operator) && !Number.isFinite(Number(r.value)))) return 'A number, such as 1000 or 0.05, where numbers are compared'
  return undefined
}

/** The rules as they are sent; null where there are none. */
export function sentRules({ enabled, groups }: Rules): Rules | null {
  const written = (r: Rule): Rule => (hasValue(r) ? { ...r, value: String(r.value) } : { field: r.field, operator: r.operator })
  return groups.length ? { enabled, groups: groups.map((g) => ({ logic: g.logic, rules: g.rules.map(written) })) } : null
}

import type { Row } from '@/lib/analytics'

/** What requests have in common: its name in the URL, in the API, and in words. */
export const dimensions = {
  model: { name: 'Model', field: 'model', then: 'provider' },
  provider: { name: 'Provider', field: 'provider', then: 'endpoint' },
  endpoint: { name: 'Endpoint', field: 'endpoint', then: 'key' },
  key: { name: 'Key', field: 'api_key_id', label: 'api_key_name', then: 'model' },
  member: { name: 'Member', field: 'user', label: 'user_email', then: 'key' },
  app: { name: 'App', field: 'app', then: 'model' },
  workspace: { name: 'Workspace', field: 'workspace', label: 'workspace_name', then: 'key' },
  outcome: { name: 'Outcome', field: 'outcome', then: 'model' },
} as const satisfies Record<string, { name: string; field: string; label?: string; then: string }>

export type Dimension = keyof typeof dimensions

export const dimensionIds = Object.keys(dimensions) as Dimension[]

/** What a row's value of a dimension is; null where requests have none. */
export function valueOf(row: Row, by: Dimension): string | null {
  const value = row[dimensions[by].field]
  return value == null || value === '' ? null : String(value)
}

/** What a row's value is called. */
export function labelOf(row: Row, by: Dimension): string {
  const d = dimensions[by]
  const label = 'label' in d ? row[d.label] : undefined
  const value = valueOf(row, by)
  return label ? String(label) : (value ?? (by === 'model' || by === 'provider' || by === 'endpoint' ? 'Not answered' : 'None'))
}

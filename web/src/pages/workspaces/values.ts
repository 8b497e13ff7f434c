import type { Errors } from '@/lib/form'
import type { Workspace } from '@/lib/queries'
import type { WorkspaceChange } from './queries'

type Order = NonNullable<Workspace['default_provider_sort']>

export type WorkspaceValues = {
  name: string
  slug: string
  description: string
  default_text_model: string
  default_image_model: string
  default_provider_sort: Order | ''
}

export const noWorkspace: WorkspaceValues = { name: '', slug: '', description: '', default_text_model: '', default_image_model: '', default_provider_sort: '' }

export const orders: readonly { value: Order | ''; label: string }[] = [
  { value: '', label: 'Balanced: cheap ones more often, faulty ones last' },
  { value: 'price', label: 'Lowest price first' },
  { value: 'throughput', label: 'Highest throughput first' },
  { value: 'latency', label: 'Lowest latency first' },
  { value: 'exacto', label: 'Best at tool calls first' },
]

export function valuesOf(w: Workspace): WorkspaceValues {
  return {
    name: w.name,
    slug: w.slug,
    description: w.description ?? '',
    default_text_model: w.default_text_model ?? '',
    default_image_model: w.default_image_model ?? '',
    default_provider_sort: w.default_provider_sort ?? '',
  }
}

export function check(v: WorkspaceValues): Errors<WorkspaceValues> {
  return {
    name: v.name.trim() ? undefined : 'A name',
    slug: /^[a-z0-9]+(-[a-z0-9]+)*$/.test(v.slug) ? undefined : 'Lower-case letters and digits, in words joined by hyphens',
  }
}

export function changeOf(v: WorkspaceValues): WorkspaceChange {
  return {
    name: v.name.trim(),
    slug: v.slug,
    description: v.description.trim() || null,
    default_text_model: v.default_text_model || null,
    default_image_model: v.default_image_model || null,
    default_provider_sort: v.default_provider_sort || null,
  }
}

/** A slug that fits a name. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '')
}

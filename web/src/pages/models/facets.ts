import type { Model } from '@/lib/queries'

/** What the models page is narrowed by; it is in the URL. Providers and retention are asked of the gateway, the rest is done here. */
export type Facets = {
  q?: string
  authors?: string[]
  inputs?: string[]
  outputs?: string[]
  features?: string[]
  context?: number
}

/** Features that people look for, as parameters that a model takes. */
export const features: readonly { value: string; label: string }[] = [
  { value: 'tools', label: 'Tools' },
  { value: 'reasoning', label: 'Reasoning' },
  { value: 'structured_outputs', label: 'Structured outputs' },
  { value: 'seed', label: 'Seed' },
  { value: 'logprobs', label: 'Log probabilities' },
]

export const contexts: readonly { value: string; label: string }[] = [
  { value: '', label: 'Any context' },
  { value: '32000', label: '≥ 32K' },
  { value: '128000', label: '≥ 128K' },
  { value: '200000', label: '≥ 200K' },
  { value: '1000000', label: '≥ 1M' },
]

export function authorOf(m: Model): string {
  return m.id.split('/', 1)[0] ?? ''
}

/** Whether a model meets all facets: every word, every feature and input, one of the authors and outputs. */
export function meets(m: Model, f: Facets): boolean {
  const words = (f.q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const name = `${m.id} ${m.name}`.toLowerCase()
  return (
    words.every((w) => name.includes(w)) &&
    (!f.authors || f.authors.includes(authorOf(m))) &&
    (f.inputs ?? []).every((i) => m.architecture.input_modalities.includes(i)) &&
    (!f.outputs || f.outputs.some((o) => m.architecture.output_modalities.includes(o))) &&
    (f.features ?? []).every((p) => m.supported_parameters.includes(p)) &&
    (m.context_length ?? 0) >= (f.context ?? 0)
  )
}

/** The values that models have of something, with how many have each, the most frequent first. */
export function choicesOf(models: readonly Model[], values: (m: Model) => readonly string[]): { value: string; label: string; note: string }[] {
  const counts = new Map<string, number>()
  for (const m of models) for (const v of values(m)) counts.set(v, (counts.get(v) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([value, n]) => ({ value, label: value, note: String(n) }))
}

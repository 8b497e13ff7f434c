import { SlidersHorizontal } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useChoices } from '@/lib/choices'
import { type Model, providersQuery } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { MultiCombobox } from '@/ui/Combobox'
import { cx } from '@/ui/cx'
import { SearchInput } from '@/ui/Input'
import { Select } from '@/ui/Select'
import { Checkbox } from '@/ui/Toggle'
import { authorOf, choicesOf, contexts, type Facets, features } from './facets'

type Search = Facets & { providers?: string[]; zdr?: true; all?: true }

/** The search box and the facets, and after them `children`; on a phone the facets are behind a button. */
export function Filters({ models, search, set, children }: { models: readonly Model[]; search: Search; set: (change: Search) => void; children: ReactNode }) {
  const providers = useChoices(providersQuery(search.all), { atOnce: Boolean(search.providers) })
  const [open, setOpen] = useState(false)
  const active = [search.authors, search.providers, search.inputs, search.outputs, search.features, search.context, search.zdr].filter(Boolean).length
  const some = (v: string[]) => (v.length ? v : undefined)
  return (
    <div className="flex flex-col gap-2 md:flex-row md:flex-wrap">
      <div className="flex gap-2 md:min-w-60 md:max-w-md md:flex-1">
        <SearchInput label="Search models" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="flex-1" />
        <Button icon={SlidersHorizontal} aria-expanded={open} onClick={() => setOpen(!open)} className="md:hidden">
          Filters{active > 0 && ` (${active})`}
        </Button>
      </div>
      <div className={cx('grid-cols-2 gap-2 md:contents', open ? 'grid' : 'hidden')}>
        <MultiCombobox className="md:w-36" label="Authors" placeholder="Author" value={search.authors ?? []} onChange={(v) => set({ authors: some(v) })} choices={choicesOf(models, (m) => [authorOf(m)])} />
        <MultiCombobox className="md:w-36" label="Providers" placeholder="Provider" onOpen={providers.onOpen} value={search.providers ?? []} onChange={(v) => set({ providers: some(v) })} choices={providers.list?.map((p) => ({ value: p.slug, label: p.name }))} />
        <MultiCombobox className="md:w-28" label="Inputs" placeholder="Input" value={search.inputs ?? []} onChange={(v) => set({ inputs: some(v) })} choices={choicesOf(models, (m) => m.architecture.input_modalities)} />
        <MultiCombobox className="md:w-28" label="Outputs" placeholder="Output" value={search.outputs ?? []} onChange={(v) => set({ outputs: some(v) })} choices={choicesOf(models, (m) => m.architecture.output_modalities)} />
        <MultiCombobox className="md:w-36" label="Features" placeholder="Features" value={search.features ?? []} onChange={(v) => set({ features: some(v) })} choices={features} />
        <Select aria-label="Context" className="md:w-34" value={search.context ? String(search.context) : ''} onChange={(v) => set({ context: v ? Number(v) : undefined })} options={contexts} />
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm max-md:col-span-2">
          <Checkbox label="Keeps nothing" checked={Boolean(search.zdr)} onChange={(c) => set({ zdr: c || undefined })} />
          <Checkbox label="Also unavailable" checked={Boolean(search.all)} onChange={(c) => set({ all: c || undefined })} />
        </div>
      </div>
      {children}
    </div>
  )
}

import { useState } from 'react'
import type { Schemas } from '@/lib/api'
import { useForm } from '@/lib/form'
import { count, plural } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { Segments } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { FromTo, Model } from './PricesPanel'
import { type Difference, useCatalogueActions } from './queries'

type Change = Difference['changes'][number]
type Values = { from: 'models.dev' | 'address' | 'file'; url: string; list: Record<string, never> | null; accept: string[] }

/** So many changes are shown; the rest is counted. */
const most = 200

/** A price list is looked at first, and what it changes is taken over then. */
export function RefreshSheet({ onClose }: { onClose: () => void }) {
  const { refreshPrices } = useCatalogueActions()
  const [seen, setSeen] = useState<Difference | null>(null)
  const form = useForm<Values>({ from: 'models.dev', url: '', list: null, accept: [] }, (v) => ({
    url: v.from === 'address' && !v.url.startsWith('https://') ? 'An https address' : undefined,
    list: v.from === 'file' && !v.list ? 'Choose a JSON file' : undefined,
  }))
  const { values: v, set, errors } = form
  const another = (change: Partial<Values>) => {
    set({ ...change, accept: [] })
    setSeen(null)
  }
  const send = async (v: Values) => {
    const source: Schemas['CatalogRefresh'] = v.from === 'file' && v.list ? { list: v.list } : v.from === 'address' ? { url: v.url } : {}
    if (!seen) return setSeen(await refreshPrices({ ...source, dry_run: true }))
    const done = await refreshPrices({ ...source, accept: v.accept })
    toast(`${plural(done.applied, 'price')} taken over`)
    onClose()
  }
  const read = async (file: File | undefined) => {
    try {
      another({ list: file ? JSON.parse(await file.text()) : null })
    } catch {
      form.setErrors({ list: 'The file is no JSON' })
    }
  }
  const taken = seen ? seen.changes.filter((c) => c.applies || (c.endpoint && v.accept.includes(c.endpoint))).length : 0
  return (
    <Sheet
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Refresh prices"
      description="What a price list says is shown first. Nothing changes until you take it over."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit={seen ? `Take over ${count(taken)}` : 'Look'} busy={form.busy} disabled={seen !== null && taken === 0} onCancel={onClose} />}
    >
      <Segments
        label="Price list"
        value={v.from}
        onChange={(from) => another({ from })}
        options={[
          { value: 'models.dev', label: 'models.dev' },
          { value: 'address', label: 'Another address' },
          { value: 'file', label: 'A file' },
        ]}
      />
      {v.from === 'address' && (
        <Field label="Address" hint="Of a models.dev api.json, or of a GET /models as OpenRouter has it." error={errors.url}>
          <Input spellCheck={false} value={v.url} onChange={(e) => another({ url: e.target.value.trim() })} />
        </Field>
      )}
      {v.from === 'file' && (
        <Field label="File" hint="JSON of the same form, where the gateway has no way out." error={errors.list}>
          <Input type="file" accept="application/json,.json" className="pt-1.5" onChange={(e) => void read(e.target.files?.[0])} />
        </Field>
      )}
      {errors.form && <Note kind="bad">{errors.form}</Note>}
      {seen && <Found difference={seen} accept={v.accept} onAccept={(accept) => set({ accept })} />}
    </Sheet>
  )
}

function Found({ difference: d, accept, onAccept }: { difference: Difference; accept: string[]; onAccept: (accept: string[]) => void }) {
  if (d.changes.length === 0) return <Note kind="good">The list changes nothing{d.unknown > 0 && `; ${count(d.unknown)} of its prices are of models that the catalogue does not have`}.</Note>
  const flip = (endpoint: string, on: boolean) => onAccept(on ? [...accept, endpoint] : accept.filter((e) => e !== endpoint))
  const columns: Column<Change>[] = [
    {
      id: 'model',
      name: 'Model',
      width: '1fr',
      cell: (c) => (
        <>
          <Model of={c} />
          {c.refused_because && <div className="text-xs text-warn">{c.refused_because}</div>}
        </>
      ),
    },
    { id: 'kind', name: '', width: '5rem', from: 'md', cell: (c) => <Badge tone={c.kind === 'removed' ? 'warn' : undefined}>{c.kind}</Badge> },
    { id: 'input', name: 'Input / M', width: '7rem', align: 'right', cell: (c) => <FromTo before={c.old_pricing?.prompt} now={c.new_pricing?.prompt} /> },
    { id: 'output', name: 'Output / M', width: '9rem', align: 'right', from: 'md', cell: (c) => <FromTo before={c.old_pricing?.completion} now={c.new_pricing?.completion} /> },
    {
      id: 'accept',
      name: 'Accept',
      width: '4rem',
      cell: (c) =>
        c.refused_because && c.endpoint && <Checkbox label={<span className="sr-only">Accept the price of {c.model} at {c.provider_slug}</span>} checked={accept.includes(c.endpoint)} onChange={(on) => flip(c.endpoint!, on)} />,
    },
  ]
  const refused = d.changes.filter((c) => c.refused_because)
  return (
    <>
      <p>
        {plural(d.added, 'endpoint')} added, {count(d.changed)} changed, {count(d.removed)} removed; {count(d.refused)} of them refused unless you accept them.
        {d.unknown > 0 && ` ${count(d.unknown)} prices are of models that the catalogue does not have.`}
      </p>
      <Panel flush>
        <PlainTable label="What the list changes" columns={columns} rows={[...refused, ...d.changes.filter((c) => !c.refused_because)].slice(0, most)} rowKey={(c) => c.endpoint ?? `${c.provider_slug} ${c.upstream_model_id}`} />
      </Panel>
      {d.changes.length > most && <p className="text-sm text-muted">The first {most} of {count(d.changes.length)} are shown; all that are not refused are taken over.</p>}
    </>
  )
}

import { getRouteApi } from '@tanstack/react-router'
import { Download, ImageIcon } from 'lucide-react'
import { useState } from 'react'
import type { Model } from '@/lib/queries'
import { buttonClass } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Textarea } from '@/ui/Input'
import { EmptyState, PageBody, Panel, Skeleton } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { draw, type ImagesRequest, type Outcome, useRun } from './calls'
import { Failed, ModelField, RunButton, Took, WithModels } from './parts'

const route = getRouteApi('/shell/playground/images')
const mostImages = 4
const mostKept = 20 // of this visit; pictures are large

const sizes = [
  { value: '', label: 'As the model likes' },
  { value: '1024x1024', label: 'Square, 1024 × 1024' },
  { value: '1536x1024', label: 'Landscape, 1536 × 1024' },
  { value: '1024x1536', label: 'Portrait, 1024 × 1536' },
]

type Made = { request: ImagesRequest; outcome: Outcome<string[]> }

export function ImagesPage() {
  return (
    <PageBody>
      <WithModels output="image" about="makes pictures">{(models) => <Images models={models} />}</WithModels>
    </PageBody>
  )
}

function Images({ models }: { models: readonly Model[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const [prompt, setPrompt] = useState('')
  const [made, setMade] = useState<readonly Made[]>([])
  const { run, stop, error, busy } = useRun(draw, (outcome, request) => setMade((old) => [{ request, outcome }, ...old].slice(0, mostKept)))
  const model = models.some((m) => m.id === search.model) ? (search.model ?? '') : (models[0]?.id ?? '')
  const n = Math.min(Math.max(search.n ?? 1, 1), mostImages)
  return (
    <>
      <form
        className="grid gap-4 md:grid-cols-[1fr_18rem]"
        onSubmit={(e) => {
          e.preventDefault()
          run({ model, prompt: prompt.trim(), ...(n > 1 ? { n } : {}), ...(search.size ? { size: search.size } : {}) })
        }}
      >
        <Field label="Prompt">
          <Textarea rows={7} value={prompt} onChange={(e) => setPrompt(e.target.value)} placeholder="A lighthouse in fog, as a linocut in two colours" />
        </Field>
        <div className="flex flex-col gap-4">
          <ModelField models={models} value={model} onChange={(id) => set({ model: id })} />
          <div className="grid grid-cols-[1fr_5rem] gap-3">
            <Field label="Size">
              <Select value={search.size ?? ''} onChange={(size) => set({ size: size || undefined })} options={sizes} />
            </Field>
            <Field label="How many">
              <Select value={String(n)} onChange={(v) => set({ n: v === '1' ? undefined : Number(v) })} options={Array.from({ length: mostImages }, (_, i) => ({ value: String(i + 1), label: String(i + 1) }))} />
            </Field>
          </div>
          <RunButton busy={busy} ready={Boolean(prompt.trim()) && model !== ''} onStop={stop}>
            Make
          </RunButton>
        </div>
      </form>
      <Failed error={error} />
      {busy && (
        <div role="status" aria-label="The pictures are being made" className={grid}>
          {Array.from({ length: n }, (_, i) => (
            <Skeleton key={i} className="aspect-square w-full" />
          ))}
        </div>
      )}
      {made.map((m, i) => (
        <Panel key={made.length - i} title={<span className="line-clamp-2 font-medium">{m.request.prompt}</span>} actions={<Took outcome={m.outcome} />}>
          <Gallery made={m} />
        </Panel>
      ))}
      {made.length === 0 && !busy && !error && (
        <EmptyState icon={ImageIcon} title="No pictures yet">
          They are kept while this page is open. Download those that should stay.
        </EmptyState>
      )}
    </>
  )
}

const grid = 'grid grid-cols-2 gap-4 md:grid-cols-[repeat(auto-fill,minmax(14rem,1fr))]'

function Gallery({ made: { request, outcome } }: { made: Made }) {
  return (
    <ul className={grid}>
      {outcome.content.map((url, i) => (
        <li key={i} className="group relative">
          <a href={url} download={fileName(request.prompt, i, url)} aria-label={`Download picture ${i + 1}`} className="block">
            <img src={url} alt={`${request.prompt}, ${i + 1} of ${outcome.content.length}`} className="aspect-square w-full rounded-md border border-line bg-sunken object-contain" />
            <span aria-hidden className={`${buttonClass('plain', true)} absolute right-2 bottom-2 [@media(hover:hover)]:opacity-0 [@media(hover:hover)]:group-focus-within:opacity-100 [@media(hover:hover)]:group-hover:opacity-100`}>
              <Download className="size-4" />
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

function fileName(prompt: string, i: number, url: string): string {
  const name = prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 40).replace(/^-|-$/g, '') || 'picture'
  return `${name}-${i + 1}.${/^data:image\/(\w+)/.exec(url)?.[1] ?? 'png'}`
}

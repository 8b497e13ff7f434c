import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { plural } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { PageBody, Panel } from '@/ui/Panel'
import { embed, type EmbeddingsRequest, useRun } from './calls'
import { Failed, ModelField, RunButton, Took, WithModels } from './parts'
import { similarities, SimilarityTable } from './SimilarityTable'

const route = getRouteApi('/shell/playground/embeddings')
const mostTexts = 24

const examples = ['A cat sleeps on the sofa.', 'The kitten naps on the couch.', 'Interest rates rose by a quarter point.', 'The central bank tightened its policy.', 'Paris is the capital of France.', 'My bicycle has a flat tyre.']

export function EmbeddingsPage() {
  return (
    <PageBody>
      <WithModels output="embeddings" about="makes embeddings">{(models) => <Embeddings models={models} />}</WithModels>
    </PageBody>
  )
}

function Embeddings({ models }: { models: readonly Model[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const [text, setText] = useState(examples.join('\n'))
  const { run, stop, outcome, error, busy } = useRun(async (request: EmbeddingsRequest, signal) => {
    const answer = await embed(request, signal)
    return { ...answer, content: { texts: request.input, vectors: answer.content } }
  })
  const model = models.some((m) => m.id === search.model) ? (search.model ?? '') : (models[0]?.id ?? '')
  const texts = text.split('\n').map((t) => t.trim()).filter(Boolean)
  const tooMany = texts.length > mostTexts
  return (
    <>
      <form
        className="grid gap-4 md:grid-cols-[1fr_18rem]"
        onSubmit={(e) => {
          e.preventDefault()
          run({ model, input: texts, dimensions: search.dimensions })
        }}
      >
        <Field label="Texts" hint={`One per line; ${plural(texts.length, 'text')}`} error={tooMany ? `At most ${mostTexts} texts are compared` : undefined}>
          <Textarea rows={8} value={text} onChange={(e) => setText(e.target.value)} />
        </Field>
        <div className="flex flex-col gap-4">
          <ModelField models={models} value={model} onChange={(id) => set({ model: id })} />
          <Field label="Dimensions" optional hint="Fewer than the model has, where it allows that.">
            <Input inputMode="numeric" value={search.dimensions ?? ''} onChange={(e) => set({ dimensions: Number(e.target.value.replace(/\D/g, '')) || undefined })} />
          </Field>
          <RunButton busy={busy} ready={texts.length > 0 && !tooMany && model !== ''} onStop={stop}>
            Compare
          </RunButton>
        </div>
      </form>
      <Failed error={error} />
      {outcome && <Compared texts={outcome.content.texts} vectors={outcome.content.vectors} took={<Took outcome={outcome} />} />}
    </>
  )
}

function Compared({ texts, vectors, took }: { texts: readonly string[]; vectors: readonly (readonly number[])[]; took: React.ReactNode }) {
  const { matrix, nearest, farthest } = similarities(vectors)
  const pair = (p: [number, number] | undefined) => p && `“${texts[p[0]]}” and “${texts[p[1]]}”`
  return (
    <Panel title="Similarity" about={`The cosine of the angle between two of ${plural(vectors.length, 'vector')} with ${plural(vectors[0]?.length ?? 0, 'dimension')}; 1 is the same direction.`} actions={took}>
      <div className="flex flex-col gap-5">
        <SimilarityTable texts={texts} matrix={matrix} />
        {nearest && farthest && texts.length > 2 && (
          <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
            <dt className="text-muted">Nearest</dt>
            <dd className="min-w-0 break-words">{pair(nearest)}</dd>
            <dt className="text-muted">Farthest</dt>
            <dd className="min-w-0 break-words">{pair(farthest)}</dd>
          </dl>
        )}
      </div>
    </Panel>
  )
}

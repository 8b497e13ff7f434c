import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { messageOf } from '@/lib/api'
import { duration, money } from '@/lib/format'
import { type Model, modelsQuery } from '@/lib/queries'
import { streamChat } from '@/lib/stream'
import { Button, buttonClass } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note, Stat, Stats } from '@/ui/Panel'

type Outcome = { text: string; provider: string | null; generation?: string; first?: number; whole?: number; cost?: number; error?: string }

/** One answer, live, with what it took. */
export function FirstCall() {
  const { data: models = [] } = useQuery(modelsQuery())
  const texts = models.filter((m) => m.architecture.output_modalities.includes('text'))
  const [chosen, setChosen] = useState('')
  const model = chosen || (suggest(texts)?.id ?? '')
  const [prompt, setPrompt] = useState('In one sentence: what does a dragoman do?')
  const { outcome, busy, run } = useCall()
  return (
    <>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          void run(model, prompt)
        }}
      >
        <Field label="Model">
          <Combobox label="Model" placeholder="No model is ready" value={model} onChange={setChosen} choices={texts.map((m) => ({ value: m.id, label: m.name, note: m.id }))} />
        </Field>
        <Field label="Prompt">
          <Input value={prompt} onChange={(e) => setPrompt(e.target.value)} />
        </Field>
        <Button kind={outcome?.whole ? 'plain' : 'primary'} type="submit" busy={busy} disabled={!model || !prompt.trim()}>
          {outcome ? 'Send again' : 'Send'}
        </Button>
      </form>
      {outcome && <Answer outcome={outcome} />}
      <div className="flex justify-end gap-2">
        {outcome?.whole && outcome.generation && (
          <Link to="/generations/$id" params={{ id: outcome.generation }} className={buttonClass()}>
            See how it went
          </Link>
        )}
        <Link to="/" className={buttonClass(outcome?.whole ? 'primary' : 'quiet')}>
          {outcome?.whole ? 'Open Dragoman' : 'Skip'}
        </Link>
      </div>
    </>
  )
}

function Answer({ outcome: o }: { outcome: Outcome }) {
  return (
    <section aria-label="Answer" aria-live="polite" className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4">
      {o.error ? <Note kind="bad">{o.error}</Note> : <p className="min-h-6 whitespace-pre-wrap">{o.text || '…'}</p>}
      {o.whole !== undefined && (
        <Stats>
          <Stat label="Provider">{o.provider ?? '–'}</Stat>
          <Stat label="First token">{duration(o.first ?? o.whole)}</Stat>
          <Stat label="Whole answer">{duration(o.whole)}</Stat>
          <Stat label="Cost">{o.cost === undefined ? '–' : money(o.cost)}</Stat>
        </Stats>
      )}
    </section>
  )
}

function useCall() {
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [busy, setBusy] = useState(false)
  const running = useRef<AbortController>(null)
  const run = async (model: string, prompt: string) => {
    running.current?.abort()
    const own = (running.current = new AbortController())
    const start = performance.now()
    let o: Outcome = { text: '', provider: null }
    const show = (change: Partial<Outcome>) => {
      o = { ...o, ...change }
      if (!own.signal.aborted) setOutcome(o)
    }
    setBusy(true)
    show({})
    try {
      const stream = await streamChat({ model, messages: [{ role: 'user', content: prompt }], max_tokens: 300 }, own.signal)
      show({ provider: stream.provider, generation: stream.generation ?? undefined })
      for await (const chunk of stream.chunks) {
        const text = chunk.choices[0]?.delta?.content ?? ''
        show({ text: o.text + text, first: o.first ?? (text ? performance.now() - start : undefined), cost: chunk.usage?.cost ?? o.cost })
      }
      show({ whole: performance.now() - start })
    } catch (e) {
      show({ error: messageOf(e) })
    } finally {
      setBusy(false)
    }
  }
  return { outcome, busy, run }
}

/** A model for a first impression: cheap, and without a long time to think. */
function suggest(models: readonly Model[]): Model | undefined {
  const price = (m: Model) => (Number(m.pricing.prompt) + Number(m.pricing.completion)) * (m.reasoning || m.supported_parameters.includes('reasoning') ? 4 : 1)
  return [...models].sort((a, b) => price(a) - price(b))[0]
}

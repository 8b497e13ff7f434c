import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { bytes, count } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { buttonClass } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Textarea } from '@/ui/Input'
import { Panel } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { speak, useRun } from './calls'
import { Failed, ModelField, RunButton, Took, WithModels } from './parts'
import { useObjectUrl } from './useObjectUrl'

const route = getRouteApi('/shell/playground/speech')
const voices = ['alloy', 'ash', 'ballad', 'coral', 'echo', 'fable', 'onyx', 'nova', 'sage', 'shimmer', 'verse']
const formats = ['mp3', 'wav', 'opus', 'flac', 'aac'] as const

export function SpeakTab() {
  return (
    <WithModels output="speech" about="speaks">{(models) => <Speak models={models} />}</WithModels>
  )
}

function Speak({ models }: { models: readonly Model[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const [input, setInput] = useState('')
  const { run, stop, outcome, error, busy } = useRun(speak)
  const url = useObjectUrl(outcome?.content)
  const model = models.some((m) => m.id === search.model) ? (search.model ?? '') : (models[0]?.id ?? '')
  const format = search.format ?? 'mp3'
  return (
    <>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          run({ model, input, response_format: format, voice: search.voice ?? voices[0] })
        }}
      >
        <Field label="Text" hint={`${count(input.length)} characters`}>
          <Textarea rows={5} value={input} onChange={(e) => setInput(e.target.value)} placeholder="Good morning. This is what the model makes of a sentence." />
        </Field>
        <div className="grid gap-4 md:grid-cols-[1fr_12rem_8rem]">
          <ModelField models={models} value={model} onChange={(id) => set({ model: id })} />
          <Field label="Voice">
            <Combobox free label="Voice" placeholder="Voice" value={search.voice ?? voices[0] ?? ''} onChange={(v) => set({ voice: v || undefined })} choices={voices.map((v) => ({ value: v, label: v }))} />
          </Field>
          <Field label="Format">
            <Select value={format} onChange={(f) => set({ format: f === 'mp3' ? undefined : f })} options={formats.map((f) => ({ value: f, label: f.toUpperCase() }))} />
          </Field>
        </div>
        <RunButton busy={busy} ready={Boolean(input.trim()) && model !== ''} onStop={stop}>
          Speak
        </RunButton>
      </form>
      <Failed error={error} />
      {outcome && url && (
        <Panel
          title="Sound"
          about={bytes(outcome.content.size)}
          actions={
            <a href={url} download={`speech.${format}`} className={buttonClass('plain', true)}>
              <Download className="size-4" aria-hidden />
              Download
            </a>
          }
        >
          <div className="flex flex-col gap-3">
            <audio controls src={url} className="w-full" aria-label="What was spoken" />
            <Took outcome={outcome} />
          </div>
        </Panel>
      )}
    </>
  )
}

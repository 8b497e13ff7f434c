import { getRouteApi } from '@tanstack/react-router'
import { AudioLines, Mic, Square } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import { bytes } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/Code'
import { cx } from '@/ui/cx'
import { Note, Panel } from '@/ui/Panel'
import { transcribe, useRun } from './calls'
import { Failed, ModelField, RunButton, Took, WithModels } from './parts'
import { useObjectUrl } from './useObjectUrl'
import { useRecorder } from './useRecorder'

const route = getRouteApi('/shell/playground/speech')
const largest = 25 << 20 // bytes, what most providers take

export function TranscribeTab() {
  return (
    <WithModels output="transcription" about="transcribes">{(models) => <Transcribe models={models} />}</WithModels>
  )
}

function Transcribe({ models }: { models: readonly Model[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [file, setFile] = useState<File>()
  const [problem, setProblem] = useState('')
  const { run, stop, outcome, error, busy, reset } = useRun((request: { model: string; file: File }, signal) => transcribe(request.model, request.file, signal))
  const model = models.some((m) => m.id === search.model) ? (search.model ?? '') : (models[0]?.id ?? '')
  const take = (chosen: File | undefined) => {
    if (!chosen) return
    reset()
    setProblem(/^(audio|video)\//.test(chosen.type) ? (chosen.size > largest ? `${chosen.name} is larger than ${largest >> 20} MB` : '') : `${chosen.name} is no sound`)
    setFile(chosen)
  }
  return (
    <>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          if (file) run({ model, file })
        }}
      >
        <Source file={file} onFile={take} />
        {problem && <Note kind="bad">{problem}</Note>}
        <div className="md:max-w-sm">
          <ModelField models={models} value={model} onChange={(id) => void navigate({ search: (old) => ({ ...old, model: id }), replace: true })} />
        </div>
        <RunButton busy={busy} ready={file !== undefined && !problem && model !== ''} onStop={stop}>
          Transcribe
        </RunButton>
      </form>
      <Failed error={error} />
      {outcome && (
        <Panel title="Transcript" actions={<CopyButton text={outcome.content} label="Copy the transcript" />}>
          <div className="flex flex-col gap-3">
            <p className="break-words whitespace-pre-wrap">{outcome.content || 'Nothing was heard.'}</p>
            <Took outcome={outcome} />
          </div>
        </Panel>
      )}
    </>
  )
}

/** A file, dropped or chosen, or what the microphone hears. */
function Source({ file, onFile }: { file: File | undefined; onFile: (file: File | undefined) => void }) {
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const recorder = useRecorder(onFile)
  const url = useObjectUrl(file)
  const onDrop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    onFile(e.dataTransfer.files[0])
  }
  return (
    <div
      role="group"
      aria-label="Sound"
      onDragOver={(e) => {
        e.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={cx('flex flex-col items-center gap-3 rounded-lg border border-dashed border-edge px-4 py-8 text-center', over && 'border-accent bg-chosen')}
    >
      <AudioLines className="size-7 text-muted" strokeWidth={1.5} aria-hidden />
      <p className="text-sm text-muted">{recorder.recording ? 'The microphone is on.' : file ? `${file.name}, ${bytes(file.size)}` : 'Drop a file with sound here'}</p>
      {url && !recorder.recording && <audio controls src={url} className="w-full max-w-md" aria-label="What will be transcribed" />}
      <div className="flex flex-wrap justify-center gap-2">
        <Button onClick={() => picker.current?.click()} disabled={recorder.recording}>
          Choose a file
        </Button>
        {recorder.possible &&
          (recorder.recording ? (
            <Button kind="danger" icon={Square} onClick={recorder.stop}>
              Stop recording
            </Button>
          ) : (
            <Button icon={Mic} onClick={recorder.start}>
              Record
            </Button>
          ))}
      </div>
      {recorder.problem && <p role="alert" className="text-sm text-bad">{recorder.problem}</p>}
      <input ref={picker} type="file" accept="audio/*,video/mp4,video/webm" aria-label="File with sound" tabIndex={-1} className="sr-only" onChange={(e) => onFile(e.target.files?.[0])} />
    </div>
  )
}

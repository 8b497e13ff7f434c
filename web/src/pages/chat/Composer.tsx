import { ArrowUp, Paperclip, Square } from 'lucide-react'
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, type RefObject, useRef, useState } from 'react'
import { messageOf } from '@/lib/api'
import { plural } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Button, IconButton } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { accepted, read } from './attachments'
import { inOrder, nameOf } from './names'
import { FileChip } from './parts/FileChip'
import type { Chat } from './state/chat'
import type { Attachment } from './state/types'

export type Draft = { text: string; files: readonly Attachment[]; /** A column's id; "" for all. */ to: string }

/** Where a prompt is written, with its files and to whom it goes. */
export function Composer(props: {
  chat: Chat
  models: readonly Model[]
  draft: Draft
  onChange: (change: Partial<Draft>) => void
  onSend: () => void
  onEditLast: () => void
  box: RefObject<HTMLTextAreaElement | null>
}) {
  const { chat, models, draft, onChange } = props
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const columns = inOrder(chat)
  const to = columns.some((c) => c.id === draft.to) ? draft.to : ''
  const busy = chat.busy(to || undefined)
  const ready = Boolean(draft.text.trim() || draft.files.length)

  const take = async (files: Iterable<File>) => {
    try {
      const { attachments, problems } = await read(files, draft.files)
      if (attachments.length) onChange({ files: [...draft.files, ...attachments] })
      for (const p of problems) toast(p, { bad: true })
    } catch (e) {
      toast(messageOf(e), { bad: true })
    }
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return
    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault()
      if (ready) props.onSend()
    } else if (e.key === 'ArrowUp' && draft.text === '') {
      e.preventDefault()
      props.onEditLast()
    }
  }
  const onPaste = (e: ClipboardEvent) => {
    if (e.clipboardData.files.length === 0) return
    e.preventDefault()
    void take(e.clipboardData.files)
  }
  const onDrop = (e: DragEvent) => {
    setOver(false)
    if (e.dataTransfer.files.length === 0) return
    e.preventDefault()
    void take(e.dataTransfer.files)
  }
  return (
    <form
      aria-label="Prompt"
      onSubmit={(e) => {
        e.preventDefault()
        if (ready) props.onSend()
      }}
      onDragOver={(e) => {
        if (!e.dataTransfer.types.includes('Files')) return
        e.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className="shrink-0 border-t border-line bg-surface px-3 py-3 md:px-4"
    >
      <div className={cx('mx-auto flex max-w-4xl flex-col gap-1 rounded-xl border border-edge bg-page p-2 focus-within:border-accent', over && 'border-accent bg-chosen')}>
        {draft.files.length > 0 && (
          <ul aria-label="Files to send" className="flex flex-wrap gap-2 px-1 pt-1">
            {draft.files.map((f) => (
              <FileChip key={f.id} file={f} onRemove={() => onChange({ files: draft.files.filter((o) => o.id !== f.id) })} />
            ))}
          </ul>
        )}
        <Unreadable chat={chat} models={models} files={draft.files} to={to} />
        <textarea
          ref={props.box}
          aria-label="Message"
          rows={1}
          placeholder={over ? 'Drop pictures and PDFs here' : columns.length > 1 && !to ? `Ask ${allOf(columns.length)}` : 'Ask something'}
          value={draft.text}
          onChange={(e) => onChange({ text: e.target.value })}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="field-sizing-content max-h-60 min-h-9 w-full resize-none bg-transparent px-2 py-1.5 text-base outline-none"
        />
        <div className="flex items-center gap-1.5">
          <IconButton icon={Paperclip} label="Add pictures or PDFs" small onClick={() => picker.current?.click()} />
          <input
            ref={picker}
            type="file"
            multiple
            accept={accepted}
            aria-label="Pictures or PDFs"
            tabIndex={-1}
            className="sr-only"
            onChange={(e) => {
              void take([...(e.target.files ?? [])])
              e.target.value = ''
            }}
          />
          {columns.length > 1 && (
            <Select
              small
              aria-label="Send to"
              className="max-w-48 min-w-0"
              value={to}
              onChange={(v) => onChange({ to: v })}
              options={[{ value: '', label: `To ${allOf(columns.length)}` }, ...columns.map((c) => ({ value: c.id, label: `To ${nameOf(chat, c, models)}` }))]}
            />
          )}
          <span className="ml-auto hidden text-xs text-muted md:block">{busy ? 'Esc stops' : 'Enter sends, Shift-Enter makes a new line'}</span>
          {busy && (
            <Button small icon={Square} onClick={() => chat.stop(to || undefined)} className="max-md:ml-auto">
              Stop
            </Button>
          )}
          {!busy && <IconButton icon={ArrowUp} label="Send" kind="primary" small type="submit" disabled={!ready} className="max-md:ml-auto" />}
        </div>
      </div>
    </form>
  )
}

function allOf(n: number): string {
  return n === 2 ? 'both models' : `all ${n} models`
}

/** Which of the models that are asked do not read what is attached. */
function Unreadable({ chat, models, files, to }: { chat: Chat; models: readonly Model[]; files: readonly Attachment[]; to: string }) {
  const picture = files.some((f) => f.type.startsWith('image/'))
  if (!picture) return null // documents are turned into text for models that do not read them
  const asked = chat.conversation.columns.filter((c) => !to || c.id === to)
  const blind = asked.filter((c) => !(models.find((m) => m.id === c.model)?.architecture.input_modalities.includes('image') ?? true))
  if (blind.length === 0) return null
  return (
    <p className="px-1 text-sm text-warn">
      {blind.length === asked.length ? 'The model does not see pictures' : `${plural(blind.length, 'model')} of ${asked.length} ${blind.length === 1 ? 'does' : 'do'} not see pictures`}.
    </p>
  )
}

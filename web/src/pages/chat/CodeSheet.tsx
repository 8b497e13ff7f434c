import type { Model } from '@/lib/queries'
import { sample, type SampleKind, sampleKinds, sampleLanguages } from '@/lib/samples'
import type { ChatRequest } from '@/lib/stream'
import { Code } from '@/ui/Code'
import { Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import type { Draft } from './Composer'
import { nameOf } from './names'
import type { Chat } from './state/chat'
import { requestOf } from './state/request'
import type { Column } from './state/types'

const longestShown = 200 // characters of a file's data

/** The very request of a column, as a program. */
export function CodeSheet(props: {
  chat: Chat
  models: readonly Model[]
  draft: Draft
  column: Column
  kind: SampleKind
  onColumn: (id: string) => void
  onKind: (kind: SampleKind) => void
  onClose: () => void
}) {
  const { chat, models, column } = props
  const kind = sampleKinds.find((k) => k.value === props.kind) ?? sampleKinds[0]
  const libraries = sampleKinds.filter((k) => k.language === kind.language)
  const request = { ...current(chat, column, props.draft), stream: true }
  const whole = sample(kind.value, request)
  const short = whole.replace(/(data:[\w/.+-]+;base64,)?[A-Za-z0-9+/]{200,}={0,2}/g, (data) => data.slice(0, longestShown / 4) + '…')
  return (
    <Sheet open wide onOpenChange={props.onClose} title="Code" description="The request that this column makes, with your key as DRAGOMAN_KEY in the environment.">
      <div className="flex flex-wrap items-end gap-4">
        {chat.conversation.columns.length > 1 && (
          <Field label="Model" className="min-w-48">
            <Select value={column.id} onChange={props.onColumn} options={chat.conversation.columns.map((c) => ({ value: c.id, label: nameOf(chat, c, models) }))} />
          </Field>
        )}
        <Segments
          label="Language"
          value={libraries[0]?.value ?? kind.value}
          onChange={props.onKind}
          options={sampleLanguages.map((k) => ({ value: k.value, label: k.language }))}
        />
        {libraries.length > 1 && <Segments label="Library" value={kind.value} onChange={props.onKind} options={libraries.map((k) => ({ value: k.value, label: k.library }))} />}
      </div>
      <Code text={short} copy={whole} label="Request" language={kind.code} />
      {short !== whole && <Note>Files are shortened here. What is copied has all of them.</Note>}
    </Sheet>
  )
}

/** What would be sent now; without a draft, what the last answer answered. */
function current(chat: Chat, column: Column, draft: Draft): ChatRequest {
  const goes = (draft.text.trim() || draft.files.length > 0) && (!draft.to || draft.to === column.id)
  if (goes) return requestOf(chat, column, column.leaf, draft)
  const last = column.leaf === null ? undefined : chat.tree.get(column.leaf)
  if (last) return requestOf(chat, column, last.role === 'assistant' ? last.parent : last.id)
  return requestOf(chat, column, null, { text: 'Hello!', files: [] })
}

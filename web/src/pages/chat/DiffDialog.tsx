import { diffWordsWithSpace } from 'diff'
import { useMemo, useState } from 'react'
import { count, plural } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { nameOf } from './names'
import type { Chat } from './state/chat'
import type { Answer } from './state/types'

const longest = 400 // milliseconds of comparing; texts with little in common are not worth more

/** Two answers beside each other, with the words that only one of them has. */
export function DiffDialog({ chat, models, onClose }: { chat: Chat; models: readonly Model[]; onClose: () => void }) {
  const answers = answersOf(chat, models)
  const [left, setLeft] = useState(answers[0]?.answer.id ?? '')
  const [right, setRight] = useState(answers.find((a) => a.answer.column !== answers[0]?.answer.column)?.answer.id ?? answers[1]?.answer.id ?? '')
  const textOf = (id: string) => answers.find((a) => a.answer.id === id)?.answer.text ?? ''
  const [before, after] = [textOf(left), textOf(right)]
  const parts = useMemo(() => diffWordsWithSpace(before, after, { timeout: longest }), [before, after])
  const options = answers.map((a) => ({ value: a.answer.id, label: a.label }))
  const words = (text: string) => text.split(/\s+/).filter(Boolean).length
  const only = (side: 'removed' | 'added') => (parts ?? []).filter((p) => p[side]).reduce((n, p) => n + words(p.value), 0)
  return (
    <Dialog open wide onOpenChange={onClose} title="Compare two answers" description={parts && before === after ? 'They are the same, to the letter.' : undefined}>
      <div className="grid gap-4 md:grid-cols-2">
        <Side label="Left" value={left} onChange={setLeft} options={options} note={parts && `${plural(words(before), 'word')}, ${count(only('removed'))} only here`}>
          {parts?.filter((p) => !p.added).map((p, i) => (p.removed ? <del key={i} className="rounded-sm bg-bad-soft text-bad no-underline">{p.value}</del> : <span key={i}>{p.value}</span>)) ?? before}
        </Side>
        <Side label="Right" value={right} onChange={setRight} options={options} note={parts && `${plural(words(after), 'word')}, ${count(only('added'))} only here`}>
          {parts?.filter((p) => !p.removed).map((p, i) => (p.added ? <ins key={i} className="rounded-sm bg-good-soft text-good no-underline">{p.value}</ins> : <span key={i}>{p.value}</span>)) ?? after}
        </Side>
      </div>
      {!parts && <Note kind="warn">They have too little in common to mark the words.</Note>}
    </Dialog>
  )
}

function Side(props: { label: string; value: string; onChange: (id: string) => void; options: readonly { value: string; label: string }[]; note?: string; children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Field label={props.label} hint={props.note}>
        <Select value={props.value} onChange={props.onChange} options={props.options} />
      </Field>
      <p className="rounded-md border border-line bg-surface p-3 break-words whitespace-pre-wrap">{props.children}</p>
    </div>
  )
}

/** The answers that stand at the ends of columns, with their other versions. */
export function answersOf(chat: Chat, models: readonly Model[]): { answer: Answer; label: string }[] {
  return chat.conversation.columns.flatMap((column) => {
    const last = chat.tree.pathTo(column.leaf).findLast((m): m is Answer => m.role === 'assistant' && m.text !== '')
    if (!last) return []
    const versions = chat.tree.siblingsOf(last)
    return versions.flatMap((id, i) => {
      const answer = chat.tree.get(id)
      if (answer?.role !== 'assistant' || !answer.text) return []
      return [{ answer, label: nameOf(chat, column, models) + (versions.length > 1 ? `, version ${i + 1}` : '') }]
    })
  })
}

import { Wrench } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { Field } from '@/ui/Field'
import { Textarea } from '@/ui/Input'
import type { Chat } from '../state/chat'
import type { Answer, ToolCall } from '../state/types'

/** The tools that an answer calls. Where nothing follows yet, their results can be given. */
export function Calls({ chat, answer }: { chat: Chat; answer: Answer }) {
  const [results, setResults] = useState<ReadonlyMap<string, string>>(new Map())
  const open = answer.state === 'done' && chat.column(answer.column)?.leaf === answer.id
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(e) => {
        e.preventDefault()
        chat.answerCalls(answer, results)
      }}
    >
      {answer.calls.map((call, i) => (
        <CallView key={call.id || i} call={call}>
          {open && (
            <Field label={`Result of ${call.name}`} hint="What the tool would give back, as text or JSON.">
              <Textarea rows={2} className="font-mono text-sm" value={results.get(call.id) ?? ''} onChange={(e) => setResults(new Map(results).set(call.id, e.target.value))} />
            </Field>
          )}
        </CallView>
      ))}
      {open && (
        <Button kind="primary" small type="submit" className="self-start">
          {answer.calls.length === 1 ? 'Send the result' : 'Send the results'}
        </Button>
      )}
    </form>
  )
}

function CallView({ call, children }: { call: ToolCall; children: React.ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-2 rounded-md border border-line p-2.5">
      <p id={id} className="flex items-center gap-2 text-sm font-medium">
        <Wrench className="size-4 text-muted" aria-hidden />
        <span className="sr-only">Call of </span>
        <span className="truncate font-mono">{call.name}</span>
      </p>
      <Code text={pretty(call.arguments)} label={`Arguments of ${call.name}`} language="json" />
      {children}
    </section>
  )
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text || '{}' // it still comes, or is not JSON
  }
}

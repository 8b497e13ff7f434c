import { Link } from '@tanstack/react-router'
import { ChevronRight, Columns2, Copy, Ellipsis, GitBranch, RotateCcw, Trash2 } from 'lucide-react'
import { memo } from 'react'
import { duration } from '@/lib/format'
import { IconButton } from '@/ui/Button'
import { CopyButton } from '@/ui/Code'
import { Menu, MenuItem } from '@/ui/Menu'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { type Chat, mostColumns } from '../state/chat'
import { useMessage } from '../state/library'
import type { Answer } from '../state/types'
import { AnswerFacts } from './AnswerFacts'
import { Calls } from './Calls'
import { RunningText } from './RunningText'
import { Switcher } from './Switcher'

/** An answer with what it took and what can be done with it. While a vote is open it is `nameless`. */
export const AnswerTurn = memo(function AnswerTurn(props: { chat: Chat; id: string; revision: number; nameless: boolean }) {
  const { chat, nameless } = props
  const a = useMessage(chat, props.id)
  if (a?.role !== 'assistant') return null
  const running = a.state === 'running'
  return (
    <article aria-label="Answer" aria-busy={running} className="flex min-w-0 flex-col gap-3">
      {a.reasoning && <Reasoning answer={a} />}
      {a.text && <RunningText text={a.text} running={running} />}
      {running && !a.text && !a.calls.length && <Waiting thinks={Boolean(a.reasoning)} />}
      {a.images.map((url, i) => (
        <img key={i} src={url} alt={`Made by the model, ${i + 1} of ${a.images.length}`} className="max-h-96 max-w-full self-start rounded-md border border-line" />
      ))}
      {a.calls.length > 0 && <Calls chat={chat} answer={a} />}
      {a.sources.length > 0 && <Sources answer={a} />}
      {a.state === 'failed' && <Failed answer={a} nameless={nameless} />}
      {a.state === 'stopped' && <p className="text-sm text-muted">Stopped.</p>}
      {a.state === 'done' && !a.text && !a.calls.length && !a.images.length && <p className="text-sm text-muted">{a.finish === 'length' ? 'The limit was reached before an answer began.' : 'The answer is empty.'}</p>}
      {!running && <Footer chat={chat} answer={a} nameless={nameless} />}
    </article>
  )
})

/** Why there is no answer, or no end of it, and the way to what was tried. */
function Failed({ answer: a, nameless }: { answer: Answer; nameless: boolean }) {
  return (
    <Note kind="bad" className="flex flex-wrap justify-between gap-x-4 gap-y-1">
      <span className="min-w-0 wrap-anywhere">{a.error}</span>
      {a.generation && !nameless && (
        <Link to="/generations/$id" params={{ id: a.generation }} className="underline underline-offset-2">
          What was tried
        </Link>
      )}
    </Note>
  )
}

function Footer({ chat, answer: a, nameless }: { chat: Chat; answer: Answer; nameless: boolean }) {
  const remove = () => {
    const undo = chat.remove(a)
    toast('The answer was deleted', { undo })
  }
  return (
    <footer className="flex flex-col gap-1">
      {!nameless && <AnswerFacts answer={a} />}
      <div className="-ml-1.5 flex flex-wrap items-center">
        {a.text && <CopyButton text={a.text} label="Copy the answer" />}
        <IconButton icon={RotateCcw} label="Ask again" small onClick={() => chat.retry(a)} />
        <Menu align="start" trigger={<IconButton icon={Ellipsis} label="More" small tooltip={false} />}>
          <MenuItem icon={GitBranch} onSelect={() => chat.branch(a)}>
            Go on from here
          </MenuItem>
          <MenuItem icon={Columns2} disabled={chat.conversation.columns.length >= mostColumns} onSelect={() => copyColumn(chat, a)}>
            Go on in a new column
          </MenuItem>
          {a.reasoning && (
            <MenuItem icon={Copy} onSelect={() => void navigator.clipboard.writeText(a.reasoning)}>
              Copy the reasoning
            </MenuItem>
          )}
          <MenuItem icon={Trash2} danger onSelect={remove}>
            Delete
          </MenuItem>
        </Menu>
        <Switcher chat={chat} message={a} />
      </div>
    </footer>
  )
}

function copyColumn(chat: Chat, a: Answer) {
  const column = chat.column(a.column)
  if (column) chat.copyColumn(column, a.id)
}

function Reasoning({ answer: a }: { answer: Answer }) {
  const over = a.thought !== undefined || a.state !== 'running'
  const took = a.thought ?? a.whole
  return (
    <details className="group min-w-0 text-sm">
      <summary className="flex w-fit list-none items-center gap-1 rounded-sm text-muted hover:text-ink">
        <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden />
        {over ? `Reasoned${took === undefined ? '' : ` for ${duration(took - Math.min(a.first ?? 0, took))}`}` : 'Reasoning…'}
      </summary>
      <div className="mt-2 ml-2 border-l-2 border-line pl-3 break-words whitespace-pre-wrap text-muted">{a.reasoning}</div>
    </details>
  )
}

function Waiting({ thinks }: { thinks: boolean }) {
  return (
    <p role="status" className="flex h-6 items-center gap-1">
      <span className="sr-only">{thinks ? 'The model reasons' : 'Waiting for the first token'}</span>
      {['', '[animation-delay:200ms]', '[animation-delay:400ms]'].map((delay) => (
        <span key={delay} aria-hidden className={`size-1.5 animate-pulse rounded-full bg-muted ${delay}`} />
      ))}
    </p>
  )
}

function Sources({ answer: a }: { answer: Answer }) {
  return (
    <ul aria-label="Sources" className="flex flex-wrap gap-x-3 gap-y-1 text-sm">
      {a.sources.map((s) => (
        <li key={s.url} className="min-w-0 truncate">
          <a href={s.url} target="_blank" rel="noreferrer noopener nofollow" className="text-accent underline underline-offset-2">
            {s.title || new URL(s.url).hostname}
          </a>
        </li>
      ))}
    </ul>
  )
}

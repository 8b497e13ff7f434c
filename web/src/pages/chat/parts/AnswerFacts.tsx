import { Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { GenerationLink } from '@/app/GenerationLink'
import { duration, speed } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { Mono } from '@/ui/Code'
import { Count, Duration, Money, None, Tokens } from '@/ui/Format'
import { Facts } from '@/ui/Panel'
import { Popover } from '@/ui/Popover'
import { speedOf } from '../state/answer'
import type { Answer } from '../state/types'

/** What an answer took, on one line: who gave it, the wait, the pace, the tokens and the price. All of it is behind the line. */
export function AnswerFacts({ answer: a }: { answer: Answer }) {
  const pace = speedOf(a)
  const short: [string, ReactNode][] = []
  if (a.provider) short.push(['provider', <span className="truncate">{a.provider}</span>])
  if (a.first !== undefined) short.push(['first', duration(a.first)])
  if (pace !== undefined) short.push(['pace', speed(pace)])
  if (a.usage) {
    short.push([
      'tokens',
      <span>
        <Tokens n={a.usage.prompt_tokens} /> → <Tokens n={a.usage.completion_tokens} /> tok
      </span>,
    ])
  }
  if (a.usage?.cost !== undefined) short.push(['cost', <Money amount={a.usage.cost} />])
  if (short.length === 0) return null
  const trigger = (
    <button type="button" className="flex min-h-6 min-w-0 flex-wrap items-center gap-x-1.5 rounded-sm text-left text-xs text-muted hover:text-ink">
      {short.map(([name, value], i) => (
        <span key={name} className="num flex min-w-0 items-center gap-1.5 whitespace-nowrap">
          {value}
          {i < short.length - 1 && <span aria-hidden>·</span>}
        </span>
      ))}
      <Info className="size-3.5" aria-hidden />
      <span className="sr-only">, about this answer</span>
    </button>
  )
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <Popover trigger={trigger} label="About this answer" className="w-88 p-4">
        <Facts rows={rows(a, pace)} />
      </Popover>
      {a.finish && !usual.has(a.finish) && <Badge tone="warn">{ends[a.finish] ?? a.finish}</Badge>}
    </div>
  )
}

const usual = new Set(['stop', 'tool_calls'])
const ends: Record<string, string> = { length: 'cut at the limit', content_filter: 'filtered', error: 'ended with an error' }

function rows(a: Answer, pace: number | undefined): [string, ReactNode][] {
  const u = a.usage
  return [
    ['Model', <Mono>{a.model}</Mono>],
    ['Provider', a.provider ?? <None />],
    ['First token', <Duration ms={a.first} />],
    ['Whole answer', <Duration ms={a.whole} />],
    ['Speed', pace === undefined ? <None /> : <span className="num">{speed(pace)}</span>],
    ['Input', <Split n={u?.prompt_tokens} part={u?.prompt_tokens_details?.cached_tokens} name="cached" />],
    ['Output', <Split n={u?.completion_tokens} part={u?.completion_tokens_details?.reasoning_tokens} name="reasoning" />],
    [
      'Cost',
      <>
        <Money amount={u?.cost} />
        {u?.is_byok && ' with your own key'}
      </>,
    ],
    ['Finish reason', a.finish ? a.finish + (a.nativeFinish && a.nativeFinish !== a.finish ? ` (${a.nativeFinish})` : '') : <None />],
    ['Generation', a.generation ? <GenerationLink id={a.generation} /> : <None />],
  ]
}

function Split({ n, part, name }: { n: number | undefined; part: number | undefined; name: string }) {
  if (n === undefined) return <None />
  return (
    <>
      <Count n={n} /> tokens
      {Boolean(part) && (
        <>
          , <Count n={part} /> {name}
        </>
      )}
    </>
  )
}

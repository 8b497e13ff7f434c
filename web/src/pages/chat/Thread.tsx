import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '@/ui/Button'
import { Note } from '@/ui/Panel'
import { AnswerTurn } from './parts/AnswerTurn'
import { PromptTurn } from './parts/PromptTurn'
import { ResultTurn } from './parts/ResultTurn'
import type { Chat } from './state/chat'
import type { Column, Message } from './state/types'

const nearEnd = 48 // pixels; who is nearer follows what comes

/** The messages of a column's branch. Only those in sight are in the page; while one is at the end, what comes is followed. */
export function Thread({ chat, column, name, nameless }: { chat: Chat; column: Column; name: string; nameless: boolean }) {
  const path = chat.tree.pathTo(column.leaf)
  const pane = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const end = useRef(0) // where the end was, when it was last gone to
  const [away, setAway] = useState(false)
  const view = useVirtualizer({
    count: path.length,
    getScrollElement: () => pane.current,
    estimateSize: () => 140,
    getItemKey: (i) => path[i]?.id ?? i,
    overscan: 3,
    gap: 16,
    paddingStart: 16,
    paddingEnd: 16,
  })
  const height = view.getTotalSize()
  const last = path.at(-1)?.id
  useLayoutEffect(() => {
    follows.current = true // a new message, or another branch
    end.current = 0
  }, [last])
  useLayoutEffect(() => {
    const { current: p } = pane
    if (!p || !follows.current) return
    const reach = Math.min(end.current, p.scrollHeight - p.clientHeight) // rows that turn out lower than guessed take the end with them
    if (p.scrollTop < reach - nearEnd) return // the rows' heights change before a scroll is told
    p.scrollTop = p.scrollHeight
    end.current = p.scrollTop
  }, [height, last])
  const onScroll = () => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = pane.current ?? {}
    follows.current = scrollHeight - scrollTop - clientHeight < nearEnd
    setAway(!follows.current)
  }
  const toEnd = () => {
    follows.current = true
    end.current = 0
    pane.current?.scrollTo({ top: pane.current.scrollHeight })
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.target !== e.currentTarget || (e.key !== 'Home' && e.key !== 'End')) return
    e.preventDefault() // the browser goes there slowly, and rows that get their heights on the way stop it
    if (e.key === 'End') toEnd()
    else pane.current?.scrollTo({ top: 0 })
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div ref={pane} onScroll={onScroll} onKeyDown={onKeyDown} tabIndex={0} role="region" aria-label={`Messages with ${name}`} className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-4 [overflow-anchor:none] focus-visible:-outline-offset-2">
        <div className="relative mx-auto max-w-3xl" style={{ height }}>
          {view.getVirtualItems().map((item) => {
            const m = path[item.index]
            return (
              m && (
                <div key={item.key} data-index={item.index} ref={view.measureElement} className="absolute inset-x-0 top-0" style={{ translate: `0 ${item.start}px` }}>
                  <Turn chat={chat} message={m} nameless={nameless} />
                </div>
              )
            )
          })}
        </div>
        {last && chat.tree.childrenOf(last).length > 0 && !chat.busy(column.id) && <Branching chat={chat} last={last} />}
      </div>
      {away && (
        <Button small icon={ArrowDown} onClick={toEnd} className="absolute! bottom-2 left-1/2 -translate-x-1/2 rounded-full!">
          To the end
        </Button>
      )}
    </div>
  )
}

function Turn({ chat, message: m, nameless }: { chat: Chat; message: Message; nameless: boolean }) {
  const { revision } = chat // what stands around a message may have changed: versions, results, what can be done
  if (m.role === 'user') return <PromptTurn chat={chat} id={m.id} revision={revision} />
  if (m.role === 'tool') return <ResultTurn chat={chat} id={m.id} />
  return <AnswerTurn chat={chat} id={m.id} revision={revision} nameless={nameless} />
}

/** The branch ends before what was there: what comes next stands beside it. */
function Branching({ chat, last }: { chat: Chat; last: string }) {
  return (
    <Note className="mb-4 flex flex-wrap items-center justify-between gap-2">
      The next prompt begins a new branch here.
      <Button small onClick={() => chat.choose(last)}>
        Back to the other
      </Button>
    </Note>
  )
}

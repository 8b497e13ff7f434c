import { memo } from 'react'
import { Code } from '@/ui/Code'
import type { Chat } from '../state/chat'
import { useMessage } from '../state/library'

/** What a tool gave back. */
export const ResultTurn = memo(function ResultTurn({ chat, id }: { chat: Chat; id: string }) {
  const m = useMessage(chat, id)
  if (m?.role !== 'tool') return null
  return (
    <article aria-label="Result" className="flex min-w-0 flex-col gap-1">
      <p className="text-sm text-muted">
        Result of <span className="font-mono">{m.name}</span>
      </p>
      <Code text={m.text} label={`Result of ${m.name}`} />
    </article>
  )
})

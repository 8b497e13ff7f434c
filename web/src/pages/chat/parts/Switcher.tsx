import { ChevronLeft, ChevronRight } from 'lucide-react'
import { IconButton } from '@/ui/Button'
import type { Chat } from '../state/chat'
import type { Message } from '../state/types'

/** Which of several versions of a message is shown, and the way to the others. */
export function Switcher({ chat, message }: { chat: Chat; message: Message }) {
  const versions = chat.tree.siblingsOf(message)
  if (versions.length < 2) return null
  const at = versions.indexOf(message.id)
  const go = (to: number) => {
    const id = versions[to]
    if (id) chat.choose(id)
  }
  return (
    <span role="group" aria-label="Versions" className="inline-flex items-center text-xs text-muted">
      <IconButton icon={ChevronLeft} label="Earlier version" small tooltip={false} disabled={at === 0} onClick={() => go(at - 1)} />
      <span className="num">
        {at + 1} of {versions.length}
      </span>
      <IconButton icon={ChevronRight} label="Later version" small tooltip={false} disabled={at === versions.length - 1} onClick={() => go(at + 1)} />
    </span>
  )
}

import { Copy, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { type KeyboardEvent, memo, useState } from 'react'
import { Button, IconButton } from '@/ui/Button'
import { Textarea } from '@/ui/Input'
import { Menu, MenuItem } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import type { Chat } from '../state/chat'
import { useMessage } from '../state/library'
import type { Prompt } from '../state/types'
import { FileChip } from './FileChip'
import { Switcher } from './Switcher'

/** What was asked, and its other versions. */
export const PromptTurn = memo(function PromptTurn(props: { chat: Chat; id: string; revision: number }) {
  const { chat } = props
  const m = useMessage(chat, props.id)
  const [editing, setEditing] = useState(false)
  if (m?.role !== 'user') return null
  const files = m.files.flatMap((id) => chat.files.get(id) ?? [])
  return (
    <article aria-label="Prompt" className="group flex min-w-0 flex-col gap-1">
      <div className="relative min-w-0 rounded-lg border border-line bg-surface px-3 py-2">
        {files.length > 0 && (
          <ul aria-label="Files" className="mb-2 flex flex-wrap gap-2">
            {files.map((f) => (
              <FileChip key={f.id} file={f} />
            ))}
          </ul>
        )}
        {editing ? (
          <Edit chat={chat} prompt={m} onClose={() => setEditing(false)} />
        ) : (
          <>
            <p dir="auto" className="pr-14 break-words whitespace-pre-wrap">{m.text}</p>
            <Actions chat={chat} prompt={m} onEdit={() => setEditing(true)} />
          </>
        )}
      </div>
      <Switcher chat={chat} message={m} />
    </article>
  )
})

/** They come into sight where the pointer or the focus is; without a pointer they always are. */
function Actions({ chat, prompt: m, onEdit }: { chat: Chat; prompt: Prompt; onEdit: () => void }) {
  return (
    <div className="absolute top-1 right-1 flex rounded-md bg-surface transition-opacity has-data-[state=open]:opacity-100 [@media(hover:hover)]:opacity-0 [@media(hover:hover)]:group-focus-within:opacity-100 [@media(hover:hover)]:group-hover:opacity-100">
      <IconButton icon={Pencil} label="Edit the prompt" small disabled={chat.busy(m.column)} onClick={onEdit} />
      <Menu trigger={<IconButton icon={Ellipsis} label="More" small tooltip={false} />}>
        <MenuItem icon={Copy} onSelect={() => void navigator.clipboard.writeText(m.text)}>
          Copy
        </MenuItem>
        <MenuItem icon={Trash2} danger onSelect={() => toast('The prompt and what followed were deleted', { undo: chat.remove(m) })}>
          Delete, with what follows
        </MenuItem>
      </Menu>
    </div>
  )
}

function Edit({ chat, prompt, onClose }: { chat: Chat; prompt: Prompt; onClose: () => void }) {
  const [text, setText] = useState(prompt.text)
  const others = chat.tree.all().some((m) => m.role === 'user' && m.group === prompt.group && m.id !== prompt.id && chat.column(m.column))
  const send = (all: boolean) => {
    if (!text.trim() && prompt.files.length === 0) return
    onClose()
    chat.edit(prompt, text, all)
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return
    if (e.key === 'Escape') {
      e.stopPropagation()
      onClose()
    } else if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) {
      e.preventDefault()
      send(others)
    }
  }
  return (
    <div className="flex flex-col gap-2">
      <Textarea aria-label="The prompt" dir="auto" autoFocus rows={3} className="field-sizing-content max-h-80" value={text} onChange={(e) => setText(e.target.value)} onKeyDown={onKeyDown} />
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" small onClick={() => send(others)}>
          {others ? 'Send to all' : 'Send'}
        </Button>
        {others && (
          <Button small onClick={() => send(false)}>
            Only here
          </Button>
        )}
        <Button kind="quiet" small onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  )
}

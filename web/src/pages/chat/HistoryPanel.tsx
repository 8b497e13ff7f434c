import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Ellipsis, FileUp, MessagesSquare, Pencil, Pin, PinOff, Share2, SquarePen, Trash2, Upload } from 'lucide-react'
import { useDeferredValue, useRef, useState } from 'react'
import { messageOf } from '@/lib/api'
import { plural } from '@/lib/format'
import { Button, IconButton } from '@/ui/Button'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input, SearchInput } from '@/ui/Input'
import { Menu, MenuItem } from '@/ui/Menu'
import { EmptyState, ErrorState, SkeletonLines } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { historyQuery, type Library } from './state/library'
import type { Conversation } from './state/types'
import { give, take } from './transfer'

type Props = { library: Library; current: string; onNew: () => void; onRemoved: (id: string) => void }

/** The conversations that this browser keeps. */
export function HistoryPanel({ library, current, onNew, onRemoved }: Props) {
  const [text, setText] = useState('')
  const { data: all, error, refetch } = useQuery(historyQuery(library))
  const found = useFound(library, text, all)
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex flex-col gap-2 p-2.5">
        <div className="flex gap-1.5">
          <Button icon={SquarePen} onClick={onNew} className="flex-1">
            New chat
          </Button>
          <HistoryMenu library={library} all={all ?? []} />
        </div>
        <SearchInput label="Search conversations" value={text} onChange={setText} />
      </div>
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-2.5 pb-4">
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : !found ? (
          <SkeletonLines lines={5} />
        ) : found.length === 0 ? (
          <EmptyState icon={MessagesSquare} title={text ? 'Nothing is found' : 'No conversations yet'}>
            {text ? 'No title, prompt or answer has these words.' : 'They are kept in this browser alone.'}
          </EmptyState>
        ) : (
          grouped(found).map(([group, conversations]) => (
            <section key={group} className="mt-2">
              <h3 className="px-2 pb-1 text-xs font-medium text-muted">{group}</h3>
              <ul className="flex flex-col gap-px">
                {conversations.map((c) => (
                  <Row key={c.id} library={library} conversation={c} current={c.id === current} onRemoved={onRemoved} />
                ))}
              </ul>
            </section>
          ))
        )}
      </nav>
    </div>
  )
}

/** The conversations that have all words, in their title or in any message; all of them without a search. */
function useFound(library: Library, text: string, all: readonly Conversation[] | undefined): readonly Conversation[] | undefined {
  const words = useDeferredValue(text.toLowerCase().trim()).split(/\s+/).filter(Boolean)
  const { data: inside } = useQuery({
    queryKey: [...library.listKey, 'search', words],
    enabled: words.length > 0,
    gcTime: 10_000,
    placeholderData: (before: Set<string> | undefined) => before,
    queryFn: async () => (await library.db?.search(words)) ?? new Set<string>(),
  })
  if (words.length === 0) return all
  return all?.filter((c) => inside?.has(c.id) || words.every((w) => c.title.toLowerCase().includes(w)))
}

const day = 86_400_000 // milliseconds

function grouped(all: readonly Conversation[]): [string, Conversation[]][] {
  const midnight = new Date().setHours(0, 0, 0, 0)
  const groupOf = (c: Conversation) => {
    if (c.pinned) return 'Pinned'
    if (c.updated >= midnight) return 'Today'
    if (c.updated >= midnight - day) return 'Yesterday'
    return c.updated >= midnight - 7 * day ? 'This week' : 'Earlier'
  }
  const sorted = [...all].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated - a.updated)
  const groups = new Map<string, Conversation[]>()
  for (const c of sorted) groups.set(groupOf(c), [...(groups.get(groupOf(c)) ?? []), c])
  return [...groups]
}

function Row({ library, conversation: c, current, onRemoved }: { library: Library; conversation: Conversation; current: boolean; onRemoved: (id: string) => void }) {
  const [renaming, setRenaming] = useState(false)
  const remove = async () => {
    const undo = await library.remove(c.id)
    onRemoved(c.id)
    toast(`“${c.title}” was deleted`, { undo })
  }
  const save = async (share: boolean) => {
    const whole = await library.db?.load(c.id)
    if (whole) await give([whole], c.title, share)
  }
  return (
    <li className={`group flex items-center rounded-md ${current ? 'bg-chosen' : 'hover:bg-hover'}`}>
      <Link
        to="/chat"
        search={(old) => ({ workspace: old.workspace, wide: old.wide, chat: c.id })}
        aria-current={current ? 'page' : undefined}
        className="flex min-h-(--control-small) min-w-0 flex-1 items-center gap-1.5 rounded-md px-2 text-sm"
      >
        {c.pinned && <Pin className="size-3.5 shrink-0 text-muted" aria-label="Pinned" />}
        <span className="truncate">{c.title}</span>
      </Link>
      <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${c.title}`} small tooltip={false} className="md:opacity-0 md:group-focus-within:opacity-100 md:group-hover:opacity-100 md:data-[state=open]:opacity-100" />}>
        <MenuItem icon={Pencil} onSelect={() => setRenaming(true)}>
          Rename
        </MenuItem>
        <MenuItem icon={c.pinned ? PinOff : Pin} onSelect={() => attempt(library.change(c, { pinned: !c.pinned }))}>
          {c.pinned ? 'Unpin' : 'Pin'}
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => attempt(save(false))}>
          Export
        </MenuItem>
        {'share' in navigator && (
          <MenuItem icon={Share2} onSelect={() => attempt(save(true))}>
            Share the file
          </MenuItem>
        )}
        <MenuItem icon={Trash2} danger onSelect={() => attempt(remove())}>
          Delete
        </MenuItem>
      </Menu>
      {renaming && <Rename title={c.title} onClose={() => setRenaming(false)} onSave={(title) => attempt(library.change(c, { title, named: true }))} />}
    </li>
  )
}

function Rename({ title, onClose, onSave }: { title: string; onClose: () => void; onSave: (title: string) => void }) {
  const [text, setText] = useState(title)
  const save = () => {
    if (!text.trim()) return
    onSave(text.trim())
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Rename the conversation"
      onSubmit={save}
      actions={<FormActions submit="Rename" disabled={!text.trim()} onCancel={onClose} />}
    >
      <Field label="Title">
        <Input value={text} maxLength={200} onChange={(e) => setText(e.target.value)} autoFocus />
      </Field>
    </Dialog>
  )
}

/** What concerns all conversations. */
function HistoryMenu({ library, all }: { library: Library; all: readonly Conversation[] }) {
  const picker = useRef<HTMLInputElement>(null)
  const importFiles = async (files: readonly File[]) => {
    const wholes = (await Promise.all(files.map(take))).flat()
    for (const w of wholes) await library.put(w)
    toast(`${plural(wholes.length, 'conversation')} imported`)
  }
  const exportAll = async () => {
    const wholes = await Promise.all(all.map((c) => library.db?.load(c.id)))
    await give(wholes.filter((w) => w !== undefined), 'conversations', false)
  }
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More for all conversations" kind="plain" tooltip={false} />}>
        <MenuItem icon={FileUp} onSelect={() => picker.current?.click()}>
          Import
        </MenuItem>
        <MenuItem icon={Upload} disabled={all.length === 0} onSelect={() => attempt(exportAll())}>
          Export all
        </MenuItem>
      </Menu>
      <input
        ref={picker}
        type="file"
        multiple
        accept=".json,application/json"
        aria-label="Files of conversations"
        tabIndex={-1}
        className="sr-only"
        onChange={(e) => {
          attempt(importFiles([...(e.target.files ?? [])]))
          e.target.value = ''
        }}
      />
    </>
  )
}

/** Says so when it fails. */
function attempt(work: Promise<unknown>) {
  work.catch((e: unknown) => toast(messageOf(e), { bad: true }))
}

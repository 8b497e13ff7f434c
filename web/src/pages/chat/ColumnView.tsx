import { ArrowLeft, ArrowRight, ChevronLeft, ChevronRight, Copy, Ellipsis, Eraser, Square, SlidersHorizontal, X } from 'lucide-react'
import type { Model } from '@/lib/queries'
import { plural } from '@/lib/format'
import { IconButton } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { PerMillion, Tokens } from '@/ui/Format'
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { inOrder, isNameless, nameOf } from './names'
import { type Chat, mostColumns } from './state/chat'
import type { Column } from './state/types'
import { Thread } from './Thread'

/** A model with its messages. */
export function ColumnView(props: { chat: Chat; column: Column; models: readonly Model[]; onSettings: () => void }) {
  const { chat, column, models } = props
  const nameless = isNameless(chat)
  const name = nameOf(chat, column, models)
  const number = /\d+$/.exec(name.slice((models.find((m) => m.id === column.model)?.name ?? column.model).length))?.[0] // of several with one model
  return (
    <section aria-label={name} className="relative flex h-full w-full min-w-full shrink-0 snap-start flex-col border-r border-line last:border-r-0 md:w-auto md:min-w-60 md:flex-1">
      <header className="flex items-center gap-1 border-b border-line bg-surface px-2 py-1.5">
        {nameless ? (
          <h2 className="flex h-(--control-small) flex-1 items-center px-1 text-sm font-semibold">{name}</h2>
        ) : (
          <>
            <h2 className="sr-only">{name}</h2>
            {number && <span className="num pl-1 text-xs text-muted">{number}</span>}
            <Combobox
              small
              label={`Model of column ${inOrder(chat).indexOf(column) + 1}`}
              placeholder="Choose a model"
              value={column.model}
              onChange={(model) => model && chat.changeColumn(column.id, { model })}
              choices={models.map((m) => ({ value: m.id, label: m.name, note: m.id.split('/', 1)[0] }))}
              className="border-transparent! bg-transparent! font-medium hover:bg-hover!"
              free
            />
          </>
        )}
        <Neighbours chat={chat} column={column} />
        {chat.busy(column.id) && <IconButton icon={Square} label={`Stop ${name}`} small onClick={() => chat.stop(column.id)} />}
        {!nameless && <IconButton icon={SlidersHorizontal} label={`Parameters of ${name}`} small onClick={props.onSettings} />}
        {!nameless && <ColumnMenu chat={chat} column={column} name={name} />}
      </header>
      {column.leaf === null ? <About model={models.find((m) => m.id === column.model)} nameless={nameless} /> : <Thread chat={chat} column={column} name={name} nameless={nameless} />}
    </section>
  )
}

/** On a phone, where one column is in sight: which it is, and the way to those beside it. */
function Neighbours({ chat, column }: { chat: Chat; column: Column }) {
  const columns = inOrder(chat)
  const at = columns.indexOf(column)
  if (columns.length < 2) return null
  const go = (from: HTMLElement, by: number) => {
    const own = from.closest('section')
    const beside = by < 0 ? own?.previousElementSibling : own?.nextElementSibling
    beside?.scrollIntoView({ inline: 'start', block: 'nearest' })
  }
  return (
    <span role="group" aria-label="Columns" className="flex items-center text-xs text-muted md:hidden">
      <IconButton icon={ChevronLeft} label="Column before" small tooltip={false} disabled={at === 0} onClick={(e) => go(e.currentTarget, -1)} />
      <span className="num">
        {at + 1}/{columns.length}
      </span>
      <IconButton icon={ChevronRight} label="Next column" small tooltip={false} disabled={at === columns.length - 1} onClick={(e) => go(e.currentTarget, 1)} />
    </span>
  )
}

function ColumnMenu({ chat, column, name }: { chat: Chat; column: Column; name: string }) {
  const { columns } = chat.conversation
  const at = columns.indexOf(column)
  const move = (by: number) => {
    const next = [...columns]
    next.splice(at, 1)
    next.splice(at + by, 0, column)
    chat.change({ columns: next })
  }
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${name}`} small tooltip={false} />}>
      <MenuItem icon={Copy} disabled={columns.length >= mostColumns} onSelect={() => chat.copyColumn(column, column.leaf)}>
        Duplicate
      </MenuItem>
      <MenuItem icon={ArrowLeft} disabled={at === 0} onSelect={() => move(-1)}>
        Move left
      </MenuItem>
      <MenuItem icon={ArrowRight} disabled={at === columns.length - 1} onSelect={() => move(1)}>
        Move right
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Eraser} disabled={column.leaf === null} onSelect={() => clear(chat, column)}>
        Begin anew
      </MenuItem>
      <MenuItem icon={X} danger disabled={columns.length === 1} onSelect={() => toast(`${name} was taken away`, { undo: chat.removeColumn(column.id) })}>
        Remove
      </MenuItem>
    </Menu>
  )
}

/** An empty branch; the messages stay, as its other versions. */
function clear(chat: Chat, column: Column) {
  chat.stop(column.id)
  const { leaf } = column
  chat.changeColumn(column.id, { leaf: null })
  toast('The column begins anew', { undo: () => chat.changeColumn(column.id, { leaf }) })
}

/** What there is to know of a model before it is asked. */
function About({ model: m, nameless }: { model: Model | undefined; nameless: boolean }) {
  if (!m || nameless) return <div className="flex-1" />
  const reads = m.architecture.input_modalities.filter((i) => i !== 'text')
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 text-sm text-muted">
      {m.description && <p className="line-clamp-4">{m.description}</p>}
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt>Context</dt>
        <dd>
          <Tokens n={m.context_length} /> tokens
        </dd>
        <dt>Input</dt>
        <dd>
          <PerMillion price={m.pricing.prompt} /> per million
        </dd>
        <dt>Output</dt>
        <dd>
          <PerMillion price={m.pricing.completion} /> per million
        </dd>
        <dt>Reads</dt>
        <dd>text{reads.length > 0 && `, ${reads.join(', ')}`}</dd>
        {m.supported_parameters.length > 0 && (
          <>
            <dt>Takes</dt>
            <dd>{[m.supported_parameters.includes('tools') && 'tools', m.supported_parameters.includes('reasoning') && 'reasoning', plural(m.supported_parameters.length, 'parameter')].filter(Boolean).join(', ')}</dd>
          </>
        )}
      </dl>
    </div>
  )
}

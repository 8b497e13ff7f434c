import { Plus } from 'lucide-react'
import { useState } from 'react'
import { messageOf } from '@/lib/api'
import { money, plural } from '@/lib/format'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { KeyRow } from './KeyRow'
import { type Credential, type Placed, useCredentialActions } from './queries'

type Props = {
  name: string
  usage: { usage: number; requests: number } | undefined
  credentials: Credential[]
  write: boolean
  onAdd: () => void
  onEdit: (c: Credential) => void
  onRemove: (c: Credential) => void
}

const sections = [
  { fallback: false, title: 'Tried first' },
  { fallback: true, title: 'Tried after the gateway’s own key' },
]

/** A provider's keys in the order that they are tried. A row is moved by its handle, with the mouse or the arrow keys. */
export function ProviderKeys({ name, usage, credentials, write, onAdd, onEdit, onRemove }: Props) {
  const { arrange } = useCredentialActions()
  const [dragged, setDragged] = useState<string | null>(null)
  const [order, setOrder] = useState<Placed[] | null>(null) // while it is being written
  const placed = order ?? sections.flatMap(({ fallback }) => credentials.filter((c) => c.is_fallback === fallback).map((credential) => ({ credential, fallback })))
  const put = async (id: string, to: number, fallback: boolean) => {
    const moving = placed.find((p) => p.credential.id === id)
    if (!moving) return
    const rest = placed.filter((p) => p !== moving)
    const next = [...rest.slice(0, to), { credential: moving.credential, fallback }, ...rest.slice(to)]
    setOrder(next)
    try {
      await arrange(next)
    } catch (e) {
      toast(messageOf(e), { bad: true })
    } finally {
      setOrder(null)
    }
  }
  const at = (id: string) => placed.findIndex((p) => p.credential.id === id)
  const firsts = placed.filter((p) => !p.fallback).length
  /** One step, over the border of the sections too. */
  const step = (id: string, by: 1 | -1) => {
    const from = at(id)
    const fallback = placed[from]?.fallback ?? false
    if (by === 1 && !fallback && from === firsts - 1) return put(id, from, true)
    if (by === -1 && fallback && from === firsts) return put(id, from, false)
    return put(id, Math.max(0, Math.min(placed.length - 1, from + by)), fallback)
  }
  return (
    <Panel
      title={name}
      about={usage && usage.requests > 0 ? `${plural(usage.requests, 'request')} in 30 days, ${money(usage.usage)} at list price` : 'Not used in the last 30 days'}
      actions={
        write && (
          <Button small icon={Plus} onClick={onAdd}>
            Add
          </Button>
        )
      }
      flush
    >
      {sections.map(({ fallback, title }) => {
        const rows = placed.filter((p) => p.fallback === fallback)
        const end = fallback ? placed.length : firsts
        return (
          <section
            key={title}
aria-label={`${title}: ${name}`}
            onDragOver={(e) => dragged && e.preventDefault()}
            onDrop={() => dragged && void put(dragged, at(dragged) < end ? end - 1 : end, fallback)}
            className="border-b border-line last:border-0"
          >
            <h3 className="bg-sunken px-4 py-1.5 text-xs font-medium text-muted">{title}</h3>
            <ul>
              {rows.map(({ credential: c }) => (
                <KeyRow
                  key={c.id}
                  of={c}
                  write={write}
                  onStep={(by) => void step(c.id, by)}
                  onEdit={() => onEdit(c)}
                  onRemove={() => onRemove(c)}
                  drag={{
                    draggable: write,
                    onDragStart: () => setDragged(c.id),
                    onDragEnd: () => setDragged(null),
                    onDragOver: (e) => dragged && e.preventDefault(),
                    onDrop: (e) => {
                      e.stopPropagation()
                      if (dragged && dragged !== c.id) void put(dragged, at(c.id), fallback)
                    },
                    className: cx(dragged === c.id && 'opacity-50'),
                  }}
                />
              ))}
            </ul>
            {rows.length === 0 && <p className="px-4 py-3 text-sm text-muted">None{write && credentials.length > 0 ? '; move a key here by its handle' : ''}</p>}
          </section>
        )
      })}
    </Panel>
  )
}

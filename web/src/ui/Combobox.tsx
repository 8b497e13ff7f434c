import { Command, defaultFilter } from 'cmdk'
import { Check, ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { cx } from './cx'
import { useField } from './Field'
import { Popover } from './Popover'

export type Choice = { value: string; label: string; note?: string }

type Common = {
  /** Undefined while they are loaded. */
  choices: readonly Choice[] | undefined
  /** Shown when nothing is chosen. */
  placeholder: string
  label: string
  className?: string
  small?: boolean
  /** It opens: choices that nobody has seen yet can be loaded. */
  onOpen?: () => void
  /** What is typed and matches nothing can be taken as it is. */
  free?: boolean
}

// What was typed, as an item of the list: it fits whatever was typed, and stands below every choice that fits.
const asTyped = 'what was typed'
const fit = (item: string, typed: string) => (item === asTyped ? Number.MIN_VALUE : defaultFilter(item, typed))

/** One of many choices, with a search in them. */
export function Combobox(props: Common & { value: string; onChange: (value: string) => void }) {
  const [open, setOpen] = useState(false)
  const chosen = props.choices?.find((c) => c.value === props.value)?.label ?? props.value
  return (
    <Frame {...props} open={open} setOpen={setOpen} text={chosen} chosen={(v) => v === props.value}
      onPick={(v) => {
        props.onChange(v === props.value ? '' : v)
        setOpen(false)
      }}
    />
  )
}

/** Any of many choices. */
export function MultiCombobox(props: Common & { value: readonly string[]; onChange: (value: string[]) => void }) {
  const [open, setOpen] = useState(false)
  const { value, onChange, choices } = props
  const first = value[0] === undefined ? '' : (choices?.find((c) => c.value === value[0])?.label ?? value[0])
  return (
    <Frame {...props} open={open} setOpen={setOpen} text={value.length > 1 ? `${first} + ${value.length - 1}` : first} chosen={(v) => value.includes(v)}
      onPick={(v) => onChange(value.includes(v) ? value.filter((x) => x !== v) : [...value, v])}
    />
  )
}

function Frame(props: Common & { open: boolean; setOpen: (open: boolean) => void; text: string; chosen: (value: string) => boolean; onPick: (value: string) => void }) {
  const field = useField()
  const change = (open: boolean) => {
    if (open) props.onOpen?.()
    props.setOpen(open)
  }
  const [typed, setTyped] = useState('')
  const add = props.free && typed.trim() && !props.choices?.some((c) => c.value === typed.trim()) ? typed.trim() : ''
  const trigger = (
    <button
      type="button"
      role="combobox"
      {...field}
      aria-label={field.id ? undefined : props.label}
      className={cx(
        'flex w-full min-w-0 items-center gap-2 rounded-md border border-edge bg-surface pr-2 pl-2.5 text-left aria-invalid:border-bad',
        props.small ? 'h-(--control-small) text-sm' : 'h-(--control)',
        props.className,
      )}
    >
      <span className={cx('min-w-0 flex-1 truncate', !props.text && 'text-muted')}>{props.text || props.placeholder}</span>
      <ChevronDown className="size-4 shrink-0 text-muted" aria-hidden />
    </button>
  )
  return (
    <Popover trigger={trigger} label={props.label} open={props.open} onOpenChange={change} className="w-(--radix-popover-trigger-width) min-w-64">
      <Command label={props.label} filter={fit}>
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="Search"
          className="h-(--control) w-full border-b border-line bg-transparent px-3 outline-none"
        />
        <Command.List className="max-h-72 overflow-auto p-1">
          <Command.Empty className="px-2 py-3 text-sm text-muted">{props.choices ? 'Nothing matches' : 'Loading'}</Command.Empty>
          {props.choices?.map((c) => (
            <Row key={c.value} item={`${c.label} ${c.value}`} choice={c} on={props.chosen(c.value)} onPick={() => props.onPick(c.value)} />
          ))}
          {add && <Row item={asTyped} choice={{ value: add, label: `Use “${add}”` }} on={false} onPick={() => { props.onPick(add); setTyped('') }} />}
        </Command.List>
      </Command>
    </Popover>
  )
}

function Row({ item, choice, on, onPick }: { item: string; choice: Choice; on: boolean; onPick: () => void }) {
  return (
    <Command.Item
      value={item}
      onSelect={onPick}
      className="flex min-h-8 items-center gap-2 rounded-md px-2 text-sm data-[selected=true]:bg-hover"
    >
      <Check className={cx('size-4 shrink-0 text-accent', !on && 'invisible')} aria-hidden />
      <span className="min-w-0 flex-1 truncate">{choice.label}</span>
      {on && <span className="sr-only">chosen</span>}
      {choice.note && <span className="shrink-0 text-xs text-muted">{choice.note}</span>}
    </Command.Item>
  )
}

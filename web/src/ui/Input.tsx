import { Search, X } from 'lucide-react'
import { type ComponentProps, type ReactNode, type RefObject, useRef } from 'react'
import { cx } from './cx'
import { useField } from './Field'

const box =
  'w-full min-w-0 rounded-md border border-edge bg-surface text-base aria-invalid:border-bad disabled:opacity-60 read-only:bg-sunken focus-visible:outline-offset-0'

export type InputProps = ComponentProps<'input'> & {
  /** Stands inside, before and after what is typed: a currency, a unit. */
  before?: ReactNode
  after?: ReactNode
}

export function Input({ before, after, className, ...rest }: InputProps) {
  const field = useField()
  const input = (
    <input {...field} className={cx(box, 'h-(--control) px-2.5', before ? 'pl-7' : '', after ? 'pr-12' : '', before || after ? '' : className)} {...rest} />
  )
  if (!before && !after) return input
  return (
    <span className={cx('relative block', className)}>
      {before && <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-muted">{before}</span>}
      {input}
      {after && <span className="pointer-events-none absolute inset-y-0 right-2.5 flex items-center text-sm text-muted">{after}</span>}
    </span>
  )
}

export function Textarea({ className, rows = 4, ...rest }: ComponentProps<'textarea'>) {
  const field = useField()
  return <textarea rows={rows} {...field} className={cx(box, 'resize-y px-2.5 py-1.5', className)} {...rest} />
}

/** A search box. `/` goes to the one that has `hotkey` (see lib/hotkeys). */
export function SearchInput(props: { value: string; onChange: (text: string) => void; label: string; className?: string; ref?: RefObject<HTMLInputElement | null> }) {
  const own = useRef<HTMLInputElement>(null)
  const ref = props.ref ?? own
  return (
    <span className={cx('relative block', props.className)}>
      <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted" aria-hidden />
      <input
        ref={ref}
        type="search"
        data-hotkey="search"
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        onChange={(e) => props.onChange(e.target.value)}
        className={cx(box, 'h-(--control) pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden')}
      />
      {props.value && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => {
            props.onChange('')
            ref.current?.focus()
          }}
          className="absolute top-1/2 right-1.5 grid size-6 -translate-y-1/2 place-items-center rounded-sm text-muted hover:text-ink"
        >
          <X className="size-4" aria-hidden />
        </button>
      )}
    </span>
  )
}

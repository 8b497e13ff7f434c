import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cx } from './cx'
import { useField } from './Field'

export type Option<T extends string = string> = { value: T; label: string; disabled?: boolean }

export type SelectProps<T extends string> = Omit<ComponentProps<'select'>, 'value' | 'onChange' | 'children'> & {
  value: T
  onChange: (value: T) => void
  options: readonly Option<T>[]
  small?: boolean
}

/** One of few choices. It is the platform's own control, which phones and screen readers know; Combobox is for many. */
export function Select<T extends string>({ value, onChange, options, small, className, ...rest }: SelectProps<T>) {
  const field = useField()
  return (
    <span className={cx('relative block', className)}>
      <select
        {...field}
        value={value}
        onChange={(e) => onChange(e.target.value as T)}
        className={cx(
          'w-full appearance-none truncate rounded-md border border-edge bg-surface pr-8 pl-2.5 aria-invalid:border-bad disabled:opacity-60',
          small ? 'h-(--control-small) text-sm' : 'h-(--control) text-base',
        )}
        {...rest}
      >
        {options.map((o) => (
          <option key={o.value} value={o.value} disabled={o.disabled}>
            {o.label}
          </option>
        ))}
      </select>
      <ChevronDown className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-muted" aria-hidden />
    </span>
  )
}

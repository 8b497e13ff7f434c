import { createContext, type ReactNode, use, useId } from 'react'
import { cx } from './cx'

type FieldIds = { id: string; describedBy?: string; invalid: boolean; required: boolean }

const FieldContext = createContext<FieldIds | null>(null)

/** What a control takes from the field around it: id, description and error. */
export function useField(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: true; 'aria-required'?: true } {
  const field = use(FieldContext)
  if (!field) return {}
  return {
    id: field.id,
    'aria-describedby': field.describedBy,
    'aria-invalid': field.invalid || undefined,
    'aria-required': field.required || undefined,
  }
}

/** A control with its label, and a hint or an error below. */
export function Field(props: {
  label: string
  hint?: ReactNode
  error?: string | null
  optional?: boolean
  required?: boolean
  className?: string
  children: ReactNode
}) {
  const id = useId()
  const { label, hint, error, optional, required = false, className, children } = props
  const describedBy = hint || error ? `${id}-about` : undefined
  return (
    <FieldContext value={{ id, describedBy, invalid: Boolean(error), required }}>
      <div className={cx('flex min-w-0 flex-col gap-1.5', className)}>
        <label htmlFor={id} className="text-sm font-medium">
          {label}
          {optional && <span className="ml-1.5 font-normal text-muted">optional</span>}
        </label>
        {children}
        {describedBy && (
          <p id={describedBy} className={cx('text-sm', error ? 'text-bad' : 'text-muted')}>
            {error || hint}
          </p>
        )}
      </div>
    </FieldContext>
  )
}

/** Fields that belong together, under one legend. */
export function FieldGroup({ legend, hint, children }: { legend: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-4">
      <legend className="mb-1 text-sm font-semibold">{legend}</legend>
      {hint && <p className="-mt-3 text-sm text-muted">{hint}</p>}
      {children}
    </fieldset>
  )
}

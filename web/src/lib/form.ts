import { useState } from 'react'
import { ApiError, messageOf } from './api'

export type Errors<T> = Partial<Record<keyof T | 'form', string>>

/**
 * A form's values and errors. `check` names what is wrong before anything is sent; an ApiError with the name of a
 * member in `param` is shown at that member's field, any other above the buttons, as `errors.form`.
 */
export function useForm<T extends object>(initial: T, check?: (values: T) => Errors<T>) {
  const [values, setValues] = useState(initial)
  const [errors, setErrors] = useState<Errors<T>>({})
  const [busy, setBusy] = useState(false)

  const set = (change: Partial<T>) => {
    setValues((old) => ({ ...old, ...change }))
    setErrors((old) => {
      const left = { ...old, form: undefined }
      for (const name of Object.keys(change)) delete left[name as keyof T]
      return left
    })
  }
  const submit = async (send: (values: T) => Promise<unknown>) => {
    const wrong = check?.(values) ?? {}
    setErrors(wrong)
    if (Object.values(wrong).some(Boolean)) {
      focusFirstError()
      return
    }
    setBusy(true)
    try {
      await send(values)
    } catch (e) {
      const param = e instanceof ApiError ? e.param : undefined
      setErrors({ [param && param in values ? param : 'form']: messageOf(e) } as Errors<T>)
      focusFirstError()
    } finally {
      setBusy(false)
    }
  }
  const reset = (to: T = initial) => {
    setValues(to)
    setErrors({})
  }
  return { values, set, errors, setErrors, busy, submit, reset }
}

function focusFirstError() {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
}

import type { ReactNode } from 'react'

/** A form, with a button that submits it among what is in it. What is wrong its fields say, not the browser. */
export function Form({ onSubmit, className = 'flex flex-col gap-4', children }: { onSubmit: () => void; className?: string; children: ReactNode }) {
  return (
    <form
      noValidate
      className={className}
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit()
      }}
    >
      {children}
    </form>
  )
}

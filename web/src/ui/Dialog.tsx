import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { Button, IconButton } from './Button'
import { cx } from './cx'
import { Field } from './Field'
import { Input } from './Input'

type DialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children?: ReactNode
  /** Buttons; the one that does it is last. */
  actions?: ReactNode
  /** Dialogs with a form: what its submit does. The actions stand in the form. */
  onSubmit?: () => void
  /** The form is being sent: neither Escape nor the cross closes it, since its answer would be seen by nobody. */
  busy?: boolean
  wide?: boolean
  /** What is typed or shown once would be lost by a click beside the dialog. */
  keep?: boolean
}

const scrim = 'fixed inset-0 z-30 animate-fade-in bg-scrim'

/** When it closes, the focus goes back to where it was; Radix does that only for a dialog with a trigger of its own. */
function useFocusBack(open: boolean) {
  const from = useRef<Element>(null)
  // Asked before it is drawn: a field with autoFocus has the focus before any effect runs.
  if (open) from.current ??= document.activeElement
  return {
    onCloseAutoFocus: (e: Event) => {
      e.preventDefault()
      if (document.activeElement === document.body && from.current instanceof HTMLElement) from.current.focus()
      from.current = null
    },
  }
}

/** A question or a small form in front of the page. */
export function Dialog(props: DialogProps) {
  const focusBack = useFocusBack(props.open)
  return (
    <Radix.Root open={props.open} onOpenChange={(open) => (open || !props.busy) && props.onOpenChange(open)}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          {...(props.description ? {} : { 'aria-describedby': undefined })}
          {...focusBack}
          onInteractOutside={(e) => props.keep && e.preventDefault()}
          className={cx(
            'fixed top-1/2 left-1/2 z-30 flex max-h-[min(90dvh,50rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 animate-rise-in flex-col rounded-xl border border-line bg-raised shadow-floating',
            props.wide ? 'max-w-3xl' : 'max-w-lg',
          )}
        >
          <Inside {...props} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A panel at the side: details of a row, a longer form. */
export function Sheet(props: DialogProps & { side?: 'left' | 'right'; /** Without the header's bar: the title is for screen readers alone. */ bare?: boolean }) {
  const focusBack = useFocusBack(props.open)
  const left = props.side === 'left'
  return (
    <Radix.Root open={props.open} onOpenChange={(open) => (open || !props.busy) && props.onOpenChange(open)}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          {...(props.description ? {} : { 'aria-describedby': undefined })}
          {...focusBack}
          onInteractOutside={(e) => props.keep && e.preventDefault()}
          className={cx(
            'fixed inset-y-0 z-30 flex w-full flex-col border-line bg-raised shadow-floating',
            left ? 'left-0 max-w-72 animate-slide-in-left border-r' : 'right-0 animate-slide-in-right border-l',
            !left && (props.wide ? 'max-w-3xl' : 'max-w-xl'),
          )}
        >
          {props.bare ? (
            <>
              <Radix.Title className="sr-only">{props.title}</Radix.Title>
              {props.children}
            </>
          ) : (
            <Inside {...props} />
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Inside({ title, description, children, actions, onSubmit }: DialogProps) {
  const body = (
    <>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
      {actions && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{actions}</div>}
    </>
  )
  const submit = (e: FormEvent) => {
    e.preventDefault()
    onSubmit?.()
  }
  return (
    <>
      <header className="flex items-start gap-3 border-b border-line py-3 pr-3 pl-5">
        <div className="min-w-0 flex-1 py-1">
          <Radix.Title className="text-lg font-semibold break-words">{title}</Radix.Title>
          {description && <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>}
        </div>
        <Radix.Close asChild>
          <IconButton icon={X} label="Close" tooltip={false} />
        </Radix.Close>
      </header>
      {onSubmit ? (
        <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
          {body}
        </form>
      ) : (
        body
      )}
    </>
  )
}

/** A form's buttons: leaving it, and sending it. */
export function FormActions(props: { submit: ReactNode; onCancel: () => void; busy?: boolean; disabled?: boolean; danger?: boolean }) {
  return (
    <>
      <Button onClick={props.onCancel}>Cancel</Button>
      <Button kind={props.danger ? 'danger' : 'primary'} type="submit" busy={props.busy} disabled={props.disabled}>
        {props.submit}
      </Button>
    </>
  )
}

/**
 * Asks before what cannot be undone. With `type`, that word must be typed first: for what takes other things along.
 * `onConfirm` may fail: its error is shown and the question stays.
 */
export function Confirm(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
  action: string
  type?: string
  onConfirm: () => Promise<unknown>
}) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const change = (open: boolean) => {
    setTyped('')
    setError('')
    props.onOpenChange(open)
  }
  const confirm = async () => {
    if (props.type && typed !== props.type) return
    setBusy(true)
    try {
      await props.onConfirm()
      change(false)
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={props.open}
      onOpenChange={change}
      title={props.title}
      onSubmit={() => void confirm()}
      busy={busy}
      actions={<FormActions danger submit={props.action} busy={busy} disabled={Boolean(props.type) && typed !== props.type} onCancel={() => change(false)} />}
    >
      <div>{props.children}</div>
      {props.type && (
        <Field label={`Type ${props.type} to confirm`}>
          <Input value={typed} onChange={(e) => setTyped(e.target.value)} autoComplete="off" spellCheck={false} />
        </Field>
      )}
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
    </Dialog>
  )
}

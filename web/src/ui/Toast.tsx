import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { IconButton } from './Button'
import { cx } from './cx'

type Message = { id: number; text: string; bad: boolean; undo?: () => void }

let messages: readonly Message[] = []
let last = 0
const listeners = new Set<() => void>()

function publish(next: readonly Message[]) {
  messages = next
  for (const l of listeners) l()
}

function dismiss(id: number) {
  publish(messages.filter((m) => m.id !== id))
}

const stays = 6000 // milliseconds; what can be undone, and errors, stay longer

/** Says what was done, in the middle of the upper edge, where nothing is to press, for some seconds. */
export function toast(text: string, options: { bad?: boolean; undo?: () => void } = {}) {
  const message = { id: ++last, text, bad: options.bad ?? false, undo: options.undo }
  publish([...messages.slice(-3), message])
  setTimeout(() => dismiss(message.id), options.bad || options.undo ? 2 * stays : stays)
}

/** Does something and says that it is done, with how to `undo` it where that can be, or else why it failed. */
export async function attempt(act: () => Promise<unknown>, said?: string, undo?: () => Promise<unknown>) {
  try {
    await act()
    if (said) toast(said, { undo: undo && (() => void attempt(undo)) })
  } catch (e) {
    toast(e instanceof Error ? e.message : String(e), { bad: true })
  }
}

/** Where toasts appear; the app has one. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (l) => {
      listeners.add(l)
      return () => listeners.delete(l)
    },
    () => messages,
  )
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-4 top-3 z-50 flex flex-col items-center gap-2">
      {shown.map((m) => (
        <div key={m.id} className="pointer-events-auto flex max-w-md animate-rise-in items-center gap-2.5 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3 text-sm shadow-floating">
          {m.bad ? <CircleAlert className="size-4 shrink-0 text-bad" aria-hidden /> : <CircleCheck className="size-4 shrink-0 text-good" aria-hidden />}
          <span className={cx('min-w-0 flex-1 break-words', m.bad && 'text-bad')}>{m.text}</span>
          {m.undo && (
            <button
              type="button"
              className="rounded-sm px-1.5 py-1 font-medium text-accent hover:bg-hover"
              onClick={() => {
                m.undo?.()
                dismiss(m.id)
              }}
            >
              Undo
            </button>
          )}
          <IconButton icon={X} label="Dismiss" small tooltip={false} onClick={() => dismiss(m.id)} />
        </div>
      ))}
    </div>
  )
}

import { Tooltip as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'

/** One for the whole app; the shell has it. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  )
}

/** A word more about its child on hover and focus. Nothing that is needed may be in a tooltip alone. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactElement }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content sideOffset={6} collisionPadding={8} className="z-50 max-w-72 animate-fade-in rounded-md bg-ink px-2 py-1 text-xs text-page">
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

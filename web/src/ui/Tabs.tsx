import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

export type Tab<T extends string = string> = { id: T; label: string; content: ReactNode }

/** Views of one thing. Keep the chosen one in the URL. */
export function Tabs<T extends string>(props: { tabs: readonly Tab<T>[]; value: T; onChange: (id: T) => void; label: string }) {
  return (
    <Radix.Root value={props.value} onValueChange={(v) => props.onChange(v as T)} className="flex min-h-0 min-w-0 flex-col">
      <Radix.List aria-label={props.label} className="flex shrink-0 gap-4 overflow-x-auto border-b border-line">
        {props.tabs.map((t) => (
          <Radix.Trigger
            key={t.id}
            value={t.id}
            className="-mb-px h-(--control) shrink-0 border-b-2 border-transparent text-sm font-medium text-muted hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {t.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {props.tabs.map((t) => (
        <Radix.Content key={t.id} value={t.id} className="min-h-0 pt-4">
          {t.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}

/** A choice of few that are all in sight, such as a theme. */
export function Segments<T extends string>(props: { value: T; onChange: (value: T) => void; label: string; options: readonly { value: T; label: string }[] }) {
  return (
    <div role="group" aria-label={props.label} className="inline-flex w-fit self-start rounded-md border border-line bg-sunken p-0.5">
      {props.options.map((o) => (
        <button
          key={o.value}
          type="button"
          aria-pressed={o.value === props.value}
          onClick={() => props.onChange(o.value)}
          className="h-(--control-small) rounded-sm px-2.5 text-sm text-muted hover:text-ink aria-pressed:bg-pressed aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-raised"
        >
          {o.label}
        </button>
      ))}
    </div>
  )
}

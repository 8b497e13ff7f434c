import { Check, type LucideIcon } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { cx } from './cx'

/** A list of things to do at its trigger. */
export function Menu(props: { trigger: ReactElement; children: ReactNode; align?: ComponentProps<typeof Radix.Content>['align']; side?: ComponentProps<typeof Radix.Content>['side']; className?: string }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{props.trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={props.align ?? 'end'}
          side={props.side}
          sideOffset={4}
          collisionPadding={8}
          className={cx('z-40 min-w-44 animate-rise-in rounded-lg border border-line bg-raised p-1 shadow-floating', props.className)}
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const row = 'flex min-h-8 items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

export function MenuItem(props: { icon?: LucideIcon; onSelect: () => void; danger?: boolean; disabled?: boolean; children: ReactNode }) {
  const { icon: Icon } = props
  return (
    <Radix.Item onSelect={props.onSelect} disabled={props.disabled} className={cx(row, props.danger && 'text-bad')}>
      {Icon && <Icon className="size-4 shrink-0" aria-hidden />}
      {props.children}
    </Radix.Item>
  )
}

/** One of several, of which one is chosen. */
export function MenuChoice<T extends string>(props: { value: T; onChange: (value: T) => void; label: string; options: readonly { value: T; label: ReactNode }[] }) {
  return (
    <Radix.RadioGroup value={props.value} onValueChange={(v) => props.onChange(v as T)} aria-label={props.label}>
      <MenuLabel>{props.label}</MenuLabel>
      {props.options.map((o) => (
        <Radix.RadioItem key={o.value} value={o.value} className={row}>
          <span className="grid size-4 place-items-center">
            <Radix.ItemIndicator>
              <Check className="size-4 text-accent" aria-hidden />
            </Radix.ItemIndicator>
          </span>
          <span className="min-w-0 flex-1 truncate">{o.label}</span>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-2 pb-1 text-xs font-medium text-muted">{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />
}

import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'
import { Tooltip } from './Tooltip'

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger'

const kinds: Record<ButtonKind, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'bg-surface border border-line shadow-raised hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'bg-bad text-on-bad hover:brightness-110',
}

const frame =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md text-sm font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 disabled:pointer-events-none'

/** The classes of a button, for a link that looks like one. */
export function buttonClass(kind: ButtonKind = 'plain', small = false): string {
  return cx(frame, kinds[kind], small ? 'h-(--control-small) px-2.5' : 'h-(--control) px-3')
}

export type ButtonProps = ComponentProps<'button'> & {
  kind?: ButtonKind
  small?: boolean
  icon?: LucideIcon
  /** Work is under way: the button cannot be pressed and says so. */
  busy?: boolean
  children?: ReactNode
}

export function Button({ kind, small, icon: Icon, busy, disabled, className, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} disabled={disabled || busy} aria-busy={busy || undefined} className={cx(buttonClass(kind, small), className)} {...rest}>
      {busy ? <LoaderCircle className="size-4 animate-spin" aria-hidden /> : Icon && <Icon className="size-4" aria-hidden />}
      {children}
    </button>
  )
}

export type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & {
  icon: LucideIcon
  /** What it does: its name for screen readers and its tooltip. */
  label: string
  small?: boolean
  kind?: ButtonKind
  tooltip?: boolean
}

export function IconButton({ icon: Icon, label, small, kind = 'quiet', tooltip = true, className, type = 'button', ...rest }: IconButtonProps) {
  const button = (
    <button type={type} aria-label={label} className={cx(frame, kinds[kind], small ? 'size-(--control-small)' : 'size-(--control)', className)} {...rest}>
      <Icon className="size-4" aria-hidden />
    </button>
  )
  return tooltip ? <Tooltip text={label}>{button}</Tooltip> : button
}

import type { ComponentType, ReactNode } from 'react'

/**
 * Stands in for react-remove-scroll, which Radix's dialogs use (vite.config.ts has the alias). The original keeps the
 * page from scrolling by a <style> element, which our Content-Security-Policy forbids; our page never scrolls, only
 * panes do, and a dialog's scrim covers those.
 */
export function RemoveScroll(props: {
  as?: ComponentType<{ children?: ReactNode }>
  children?: ReactNode
  allowPinchZoom?: boolean
  shards?: unknown
}) {
  const { as: As, children, allowPinchZoom: _, shards: __, ...rest } = props
  return As ? <As {...rest}>{children}</As> : children
}

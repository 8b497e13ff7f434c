import type { LinkProps } from '@tanstack/react-router'
import { Boxes, KeyRound, type LucideIcon, Layers, Users } from 'lucide-react'
import type { Permission } from '@/lib/session'

export type NavEntry = {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: LucideIcon
  /** Two keys that go there. */
  keys: `g ${string}`
  /** Who may not do this is not shown the entry. */
  needs?: Permission
}

/** The pages of the frame's navigation and of the command palette. Only pages that are built are here. */
export const nav: readonly { group: string; entries: readonly NavEntry[] }[] = [
  { group: 'Use', entries: [] },
  { group: 'Choose', entries: [{ to: '/models', label: 'Models', icon: Boxes, keys: 'g m' }] },
  { group: 'Understand', entries: [] },
  {
    group: 'Run',
    entries: [
      { to: '/keys', label: 'Keys', icon: KeyRound, keys: 'g k', needs: 'keys:read' },
      { to: '/members', label: 'Members', icon: Users, keys: 'g u', needs: 'members:read' },
      { to: '/workspaces', label: 'Workspaces', icon: Layers, keys: 'g w', needs: 'rules:read' },
    ],
  },
]

import type { LinkProps } from '@tanstack/react-router'
import { Bookmark, Boxes, Cable, ChartColumn, EyeOff, Fingerprint, FlaskConical, FolderKanban, Gauge, HeartPulse, History, KeyRound, Layers, Library, type LucideIcon, MessagesSquare, Route, ScrollText, Server, Share2, ShieldCheck, Trophy, Users, Wallet } from 'lucide-react'
import type { Permission, Session } from '@/lib/session'

export type NavEntry = {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: LucideIcon
  /** Two keys that go there. */
  keys: `g ${string}`
  /** Who may not do this is not shown the entry. */
  needs?: Permission
  /** About the gateway itself: shown in the organisation that runs it alone. */
  operator?: true
  /** It can show all workspaces together. */
  whole?: true
}

/** Whether a page is for whoever is signed in. */
export function isFor(e: NavEntry, { permissions, operator }: Pick<Session, 'permissions' | 'operator'>): boolean {
  return (!e.needs || permissions.includes(e.needs)) && (!e.operator || operator)
}

/** The pages of the frame's navigation and of the command palette. Only pages that are built are here. */
export const nav: readonly { group: string; entries: readonly NavEntry[] }[] = [
  {
    group: 'Use',
    entries: [
      { to: '/chat', label: 'Chat', icon: MessagesSquare, keys: 'g c' },
      { to: '/playground', label: 'Playgrounds', icon: FlaskConical, keys: 'g p' },
    ],
  },
  {
    group: 'Choose',
    entries: [
      { to: '/models', label: 'Models', icon: Boxes, keys: 'g m' },
      { to: '/providers', label: 'Providers', icon: Server, keys: 'g v' },
      { to: '/rankings', label: 'Rankings', icon: Trophy, keys: 'g r', needs: 'money:read', whole: true },
      { to: '/status', label: 'Status', icon: HeartPulse, keys: 'g h' },
    ],
  },
  {
    group: 'Understand',
    entries: [
      { to: '/activity', label: 'Activity', icon: ChartColumn, keys: 'g a', needs: 'money:read', whole: true },
      { to: '/logs', label: 'Logs', icon: ScrollText, keys: 'g l', needs: 'money:read', whole: true },
      { to: '/sessions', label: 'Sessions', icon: Layers, keys: 'g e', needs: 'money:read', whole: true },
    ],
  },
  {
    group: 'Run',
    entries: [
      { to: '/keys', label: 'Keys', icon: KeyRound, keys: 'g k', needs: 'keys:read' },
      { to: '/members', label: 'Members', icon: Users, keys: 'g u', needs: 'members:read' },
      { to: '/identity', label: 'Identity', icon: Fingerprint, keys: 'g f', needs: 'members:write' },
      { to: '/workspaces', label: 'Workspaces', icon: FolderKanban, keys: 'g w', needs: 'rules:read' },
      { to: '/credits', label: 'Credits', icon: Wallet, keys: 'g b', needs: 'money:read' },
      { to: '/byok', label: 'Provider keys', icon: Cable, keys: 'g o', needs: 'rules:read' },
      { to: '/privacy', label: 'Privacy', icon: EyeOff, keys: 'g n', needs: 'rules:read' },
      { to: '/guardrails', label: 'Guardrails', icon: ShieldCheck, keys: 'g d', needs: 'rules:read' },
      { to: '/presets', label: 'Presets', icon: Bookmark, keys: 'g t', needs: 'rules:read' },
      { to: '/routing', label: 'Routing', icon: Route, keys: 'g x', needs: 'rules:read' },
      { to: '/destinations', label: 'Destinations', icon: Share2, keys: 'g q', needs: 'rules:read' },
      { to: '/catalogue', label: 'Providers & catalogue', icon: Library, keys: 'g j', needs: 'rules:read', operator: true },
      { to: '/audit', label: 'Audit log', icon: History, keys: 'g i', needs: 'audit:read' },
      { to: '/system', label: 'System', icon: Gauge, keys: 'g y', needs: 'audit:read', operator: true },
    ],
  },
]

import type { Schemas } from './api'
import type { Session } from './session'

/** What a member or a management key may do; docs/teams.md has the table. */
export type Role = Schemas['Member']['member_role']

export const roles: readonly { value: Role; label: string; may: string }[] = [
  { value: 'owner', label: 'Owner', may: 'Everything, owners too' },
  { value: 'admin', label: 'Admin', may: 'Members, workspaces, rules, keys, credit and the audit log' },
  { value: 'billing', label: 'Billing', may: 'Grants credit and sees everything but the audit log' },
  { value: 'developer', label: 'Developer', may: 'Makes keys of their own and uses models' },
  { value: 'viewer', label: 'Viewer', may: 'Sees, changes nothing' },
]

/** The roles that one can give: an owner's only by an owner. */
export function rolesToGive(can: (p: Session['permissions'][number]) => boolean) {
  return roles.filter((r) => r.value !== 'owner' || can('owners:write'))
}

export function roleLabel(role: Role): string {
  return roles.find((r) => r.value === role)?.label ?? role
}

/** What a member is called: the name, else the e-mail address. */
export function nameOf(m: Pick<Schemas['Member'], 'first_name' | 'last_name' | 'email'>): string {
  return [m.first_name, m.last_name].filter(Boolean).join(' ') || m.email
}

import { Badge } from '@/ui/Badge'
import type { Key } from './queries'

/** Whether a key works, and if not, why. */
export function KeyStatus({ of: k }: { of: Key }) {
  if (k.disabled) return <Badge>disabled</Badge>
  if (k.expires_at && Date.parse(k.expires_at) <= Date.now()) return <Badge tone="bad">ended</Badge>
  if (k.limit !== null && (k.limit_remaining ?? 0) <= 0) return <Badge tone="warn">limit reached</Badge>
  return <Badge tone="good">active</Badge>
}

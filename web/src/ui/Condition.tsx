import { states } from '@/lib/health'
import { Badge } from './Badge'

/** How an endpoint is now. */
export function Condition({ state }: { state: keyof typeof states | undefined }) {
  if (!state) return <Badge>unknown</Badge>
  const [name, tone] = states[state]
  return <Badge tone={tone}>{name}</Badge>
}

import type { Provider } from '@/lib/queries'
import { Badge, type Tone } from '@/ui/Badge'

type DataPolicy = Provider['data_policy']

/** What is declared about data, in a word each. */
export function PolicyBadges({ of: p }: { of: DataPolicy }) {
  if (p.trains === 'unknown' && p.retains === 'unknown') return <Badge>not known</Badge>
  return (
    <span className="flex gap-1.5">
      <Badge tone={toneOf(p.trains)}>{{ yes: 'trains', no: 'no training', unknown: 'training unknown' }[p.trains]}</Badge>
      <Badge tone={toneOf(p.retains)}>{retention(p)}</Badge>
    </span>
  )
}

function toneOf(declared: DataPolicy['trains']): Tone {
  return declared === 'no' ? 'good' : declared === 'yes' ? 'warn' : 'plain'
}

/** How long prompts are kept. */
export function retention(p: DataPolicy): string {
  if (p.retains === 'no') return 'keeps nothing'
  if (p.retains === 'unknown') return 'retention unknown'
  return p.retention_days === null ? 'keeps prompts' : `keeps ${p.retention_days} d`
}

import { useQuery } from '@tanstack/react-query'
import { Calculator, X } from 'lucide-react'
import { analyticsQuery, timeRange } from '@/lib/analytics'
import { count, money, percent, tokens } from '@/lib/format'
import { useSession } from '@/lib/session'
import { Button, IconButton } from '@/ui/Button'
import { Input } from '@/ui/Input'
import { Skeleton } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { type Traffic, trafficOf } from './traffic'

const typical = '10000-1500-300'
const day = 86_400

/** The traffic that is priced: what was asked for, and what is known of it; undefined while it is loaded. */
export function useTraffic(text: string | undefined) {
  const asked = trafficOf(text)
  const end = Math.ceil(Date.now() / 1000 / day) * day
  const { data, error } = useQuery({
    ...analyticsQuery({ metrics: ['request_count', 'tokens_prompt', 'cached_tokens', 'tokens_completion', 'total_usage'], filters: [{ field: 'api_type', operator: 'eq', value: 'completions' }], time_range: timeRange({ start: end - 30 * day, end }) }),
    enabled: asked === 'mine',
  })
  if (asked !== 'mine') return { traffic: asked, spent: undefined, error: null }
  const row = data && (data.data[0] ?? {})
  const traffic: Traffic | undefined = row && { requests: Number(row.request_count ?? 0), prompt: Number(row.tokens_prompt ?? 0), cached: Number(row.cached_tokens ?? 0), completion: Number(row.tokens_completion ?? 0) }
  return { traffic, spent: row && Number(row.total_usage ?? 0), error }
}

/** Begins with one's own traffic, or, for who may not see it, with what is typical. */
export function TrafficButton({ onChange }: { onChange: (text: string) => void }) {
  const { can } = useSession()
  return (
    <Button icon={Calculator} className="w-fit" onClick={() => onChange(can('money:read') ? 'mine' : typical)}>
      Price my traffic
    </Button>
  )
}

/** What a model would cost for one's own traffic, or for typed: a line above the models, which then have a column of it. */
export function TrafficBar({ text, onChange, known }: { text: string; onChange: (text: string | undefined) => void; known: ReturnType<typeof useTraffic> }) {
  const { can } = useSession()
  const mine = text === 'mine'
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-3 text-sm" role="group" aria-label="Traffic to price">
      {can('money:read') && (
        <Segments
          label="Traffic"
          value={mine ? 'mine' : 'typed'}
          onChange={(to) => onChange(to === 'mine' ? 'mine' : typedFrom(known.traffic))}
          options={[
            { value: 'mine', label: 'Our last 30 days' },
            { value: 'typed', label: 'Typed' },
          ]}
        />
      )}
      {mine ? <Mine known={known} /> : <Typed text={text} onChange={onChange} />}
      <IconButton icon={X} small label="No longer price traffic" className="ml-auto" onClick={() => onChange(undefined)} />
    </div>
  )
}

function Mine({ known: { traffic: t, spent, error } }: { known: ReturnType<typeof useTraffic> }) {
  if (error) return <span className="text-bad">{error.message}</span>
  if (!t || spent === undefined) return <Skeleton className="h-5 w-64" />
  if (t.requests === 0) return <span className="text-muted">No chat request in the last 30 days; type an amount.</span>
  return (
    <span className="num text-muted">
      {count(t.requests)} requests, {tokens(t.prompt)} tokens in{t.cached > 0 && ` (${percent((100 * t.cached) / t.prompt)} cached)`}, {tokens(t.completion)} out: <span className="font-medium text-ink">{money(spent)}</span> paid
    </span>
  )
}

function Typed({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const parts = text.split('-')
  const set = (i: number, value: string) => onChange([0, 1, 2].map((p) => (p === i ? value.replace(/\D/g, '').slice(0, 9) || '0' : (parts[p] ?? '0'))).join('-'))
  const names = ['Requests', 'Tokens in, each', 'Tokens out, each']
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-2">
      {names.map((name, i) => (
        <label key={name} className="flex items-center gap-2">
          <span className="text-muted">{name}</span>
          <Input inputMode="numeric" className="h-(--control-small)! w-24! text-sm" value={parts[i] === '0' ? '' : (parts[i] ?? '')} onChange={(e) => set(i, e.target.value)} />
        </label>
      ))}
    </span>
  )
}

/** One's own traffic as what can be typed. */
function typedFrom(t: Traffic | undefined): string {
  if (!t || t.requests === 0) return typical
  return [t.requests, Math.round(t.prompt / t.requests), Math.round(t.completion / t.requests)].join('-')
}

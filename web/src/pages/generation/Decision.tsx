import { getRouteApi } from '@tanstack/react-router'
import { Check, ChevronRight, CircleX } from 'lucide-react'
import type { ReactNode } from 'react'
import { count, plural } from '@/lib/format'
import { whyOut, whyThere } from '@/lib/reasons'
import { Badge } from '@/ui/Badge'
import { Mono } from '@/ui/Code'
import { SearchInput } from '@/ui/Input'
import { EmptyState, Panel } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import type { Attempt, Explanation } from './queries'
import { AttemptStatus } from './Waterfall'

const route = getRouteApi('/shell/generations/$id')
const searchFrom = 8 // endpoints; fewer are in sight at once

/** Where the request could have gone: every endpoint, with why it was tried when it was, or was not. */
export function Decision({ of: d }: { of: Explanation }) {
  const { shown = 'all', endpoint = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { shown?: 'tried' | 'planned' | 'out'; endpoint?: string }) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  if (!d.decision) {
    return (
      <Panel title="Routing">
        <p className="text-sm text-muted">{d.attempts.length ? 'The plan is not in the record.' : 'Nothing was planned: the request was refused before, or the gateway stopped.'}</p>
      </Panel>
    )
  }

  const fits = (id: string) => id.toLowerCase().includes(endpoint.toLowerCase())
  const steps = d.decision.steps.map((s, i) => ({ ...s, place: i + 1, attempts: d.attempts.filter((a) => a.endpoint === s.endpoint) }))
  const tried = steps.filter((s) => s.attempts.length > 0)
  const visible = (shown === 'tried' ? tried : shown === 'out' ? [] : steps).filter((s) => fits(s.endpoint))
  const dropped = shown === 'all' || shown === 'out' ? (d.decision.dropped ?? []).filter((e) => fits(e.endpoint)) : []
  const outs = d.decision.dropped?.length ?? 0
  return (
    <Panel
      flush
      title="Routing"
      about={`${plural(steps.length + outs, 'endpoint')}: ${count(tried.length)} tried, ${count(steps.length - tried.length)} in reserve, ${count(outs)} left out`}
      actions={
        <Segments
          label="Endpoints"
          value={shown}
          onChange={(to) => set({ shown: to === 'all' ? undefined : to })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'tried', label: 'Tried' },
            { value: 'planned', label: 'Planned' },
            { value: 'out', label: 'Left out' },
          ]}
        />
      }
    >
      {steps.length + outs > searchFrom && (
        <div className="border-b border-line p-3">
          <SearchInput label="Search endpoints" value={endpoint} onChange={(to) => set({ endpoint: to || undefined })} className="max-w-sm" />
        </div>
      )}
      <ol>
        {visible.map((s) => (
          <Step key={s.endpoint} place={s.place} endpoint={s.endpoint} attempts={s.attempts} answered={s.endpoint === d.endpoint}>
            {(s.reasons ?? []).map(whyThere).join(' · ')}
          </Step>
        ))}
      </ol>
      {groups(dropped).map(([reason, endpoints]) => (
        <details key={reason} open={endpoints.length <= 4} className="group border-t border-line first:border-t-0">
          <summary className="flex list-none items-center gap-2 px-4 py-2 text-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
            <ChevronRight className="size-4 text-muted transition-transform group-open:rotate-90" aria-hidden />
            <span className="min-w-0 flex-1">{whyOut(reason)}</span>
            <Mono className="text-xs text-muted max-md:hidden">{reason}</Mono>
            <Badge>{count(endpoints.length)}</Badge>
          </summary>
          <ul className="max-h-72 overflow-y-auto pb-2 pl-10" tabIndex={0} aria-label={whyOut(reason)}>
            {endpoints.map((e) => (
              <li key={e} className="truncate py-0.5 font-mono text-xs text-muted">
                {e}
              </li>
            ))}
          </ul>
        </details>
      ))}
      {visible.length + dropped.length === 0 && <EmptyState title={shown === 'out' && !endpoint ? 'No endpoint was left out' : 'No endpoint fits'} />}
      <p className="border-t border-line px-4 py-2 text-xs text-muted">
        Catalogue {d.decision.catalog}, health revision {count(d.decision.health)}. The same request, catalogue, health and seed give the same plan.
      </p>
    </Panel>
  )
}

function Step(props: { place: number; endpoint: string; attempts: readonly Attempt[]; answered: boolean; children: ReactNode }) {
  const failed = props.attempts.find((a) => a.kind)
  return (
    <li className="flex items-start gap-3 border-t border-line px-4 py-2 first:border-t-0">
      <span className="num mt-0.5 w-5 shrink-0 text-right text-sm text-muted">{props.place}</span>
      <div className="min-w-0 flex-1">
        <div className="truncate font-mono text-sm">{props.endpoint}</div>
        <div className="text-xs text-muted">{props.children}</div>
        {failed && (
          <div className="mt-0.5 text-xs text-bad">
            {failed.message ?? 'It failed'} <span className="font-mono">({failed.kind})</span>
          </div>
        )}
      </div>
      {props.answered ? (
        <span className="flex items-center gap-1 text-sm font-medium text-good">
          <Check className="size-4" aria-hidden />
          answered
        </span>
      ) : props.attempts.length > 0 ? (
        <span className="flex items-center gap-2 text-sm text-bad">
          <CircleX className="size-4" aria-hidden />
          failed
          {props.attempts.map((a, i) => (
            <AttemptStatus key={i} of={a} />
          ))}
        </span>
      ) : (
        <span className="text-sm text-muted">in reserve</span>
      )}
    </li>
  )
}

/** Endpoints by why they are out, the largest group first. */
function groups(dropped: readonly { endpoint: string; reason: string }[]): [string, string[]][] {
  const by = new Map<string, string[]>()
  for (const { endpoint, reason } of dropped) by.set(reason, [...(by.get(reason) ?? []), endpoint])
  return [...by].sort(([, a], [, b]) => b.length - a.length)
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { money } from '@/lib/format'
import type { Workspace } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Money } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { Meter } from '@/ui/Meter'
import { FailedNote, Panel, Skeleton } from '@/ui/Panel'
import { BudgetDialog } from './BudgetDialog'
import { budgetIn, type Interval, intervals, spentIn } from './intervals'
import { budgetsQuery, spentQuery } from './queries'

const route = getRouteApi('/shell/workspaces/$id')

/** What a workspace may spend over four windows, and what it has spent in each. */
export function Budgets({ of: w }: { of: Workspace }) {
  const { can } = useSession()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const asked = useQuery(budgetsQuery(w.id))
  const spent = useQuery({ ...spentQuery(w.id, w.created_at), enabled: can('money:read') })
  const edit = (budget: Interval | undefined) => void navigate({ search: (old) => ({ ...old, budget }) })
  return (
    <Panel title="Budgets" about="A request that could go over one of them is refused." flush>
      <Loaded of={asked} lines={6} within="panel">
        {({ data, include_byok_in_budgets: byok }) => (
          <>
            <ul>
              {intervals.map((i) => {
                const limit = budgetIn(data, i.id)?.limit_usd
                const used = spent.data && spentIn(i.id, spent.data)
                return (
                  <li key={i.id} className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0 sm:grid-cols-[11rem_1fr_4.5rem]">
                    <div>
                      <h3 className="font-medium">{i.name}</h3>
                      <p className="text-xs text-muted">{i.again}</p>
                    </div>
                    <div className="col-span-2 row-start-2 sm:col-span-1 sm:row-start-auto">
                      <p className="mb-1.5 flex justify-between gap-3 text-sm">
                        {can('money:read') && (spent.error ? <span className="text-bad">not known</span> : used === undefined ? <Skeleton className="h-4 w-16" /> : <span><Money amount={used} /> spent</span>)}
                        <span className="num text-muted">{limit === undefined ? 'no budget' : `of ${money(limit)}`}</span>
                      </p>
                      <Meter label={`Spent ${i.name.toLowerCase()}`} share={limit && used !== undefined ? used / limit : 0} />
                    </div>
                    {can('rules:write') && (
                      <Button small className="justify-self-end" onClick={() => edit(i.id)} aria-label={`${limit === undefined ? 'Set' : 'Change'} the budget: ${i.name.toLowerCase()}`}>
                        {limit === undefined ? 'Set' : 'Change'}
                      </Button>
                    )}
                  </li>
                )
              })}
            </ul>
            <p className="border-t border-line px-4 py-2.5 text-sm text-muted">What is paid with own provider keys {byok ? 'counts, at list price' : 'does not count'}.</p>
            {spent.error && <FailedNote what="What was spent" error={spent.error} onRetry={() => void spent.refetch()} className="m-4" />}
            {search.budget && can('rules:write') && <BudgetDialog workspace={w} interval={search.budget} limit={budgetIn(data, search.budget)?.limit_usd} byok={byok} onClose={() => edit(undefined)} />}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

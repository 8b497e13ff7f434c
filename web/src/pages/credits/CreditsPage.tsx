import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, Wallet } from 'lucide-react'
import { actorName } from '@/lib/actor'
import { percent } from '@/lib/format'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Money, Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { Meter } from '@/ui/Meter'
import { EmptyState, PageBody, PageHeader, Panel, Stat, Stats } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { GrantDialog } from './GrantDialog'
import { creditsQuery, type Transfer, transfersQuery } from './queries'

const route = getRouteApi('/shell/credits')

export function CreditsPage() {
  const { form } = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const credits = useQuery(creditsQuery)
  const history = useInfiniteQuery(transfersQuery)
  const show = (to: 'grant' | undefined) => void navigate({ search: (old) => ({ ...old, form: to }) })
  const grant = can('money:move') && (
    <Button kind="primary" icon={Plus} onClick={() => show('grant')}>
      Grant credit
    </Button>
  )
  return (
    <>
      <PageHeader width="text" title="Credits" about="What the organisation may spend at providers that the gateway pays." actions={grant} />
      <PageBody width="text">
        <Panel>
          <Loaded of={credits} lines={2}>
            {({ total_credits: granted, total_usage: used }) => (
              <>
                <Stats>
                  <Stat label="Balance" note={granted < used ? 'more is used than granted' : undefined}>
                    <span className={granted < used ? 'text-bad' : ''}>
                      <Money amount={granted - used} />
                    </span>
                  </Stat>
                  <Stat label="Granted">
                    <Money amount={granted} />
                  </Stat>
                  <Stat label="Used" note={granted > 0 && used / granted >= 0.001 ? `${percent((used / granted) * 100)} of what was granted` : undefined}>
                    <Money amount={used} />
                  </Stat>
                </Stats>
                <Meter className="mt-4" label="Credit used" share={granted > 0 ? used / granted : 0} />
              </>
            )}
          </Loaded>
        </Panel>
        <Panel title="History" about={<Granted />} flush>
          <Loaded of={history} lines={5} within="panel">
            {({ pages }) => <History rows={pages.flatMap((p) => p.data ?? [])} more={history.hasNextPage} busy={history.isFetchingNextPage} onMore={() => void history.fetchNextPage()} action={grant} />}
          </Loaded>
        </Panel>
        <p className="text-sm text-muted">Credit is granted by hand. Paying by card is not part of this version.</p>
      </PageBody>
      {form === 'grant' && can('money:move') && <GrantDialog onClose={() => show(undefined)} />}
    </>
  )
}

/** What the history has, and where the rest is. */
function Granted() {
  return (
    <>
      What was granted, and by whom. What requests cost is in{' '}
      <Link to="/activity" className="underline underline-offset-2 hover:text-ink">
        Activity
      </Link>
      .
    </>
  )
}

function History({ rows, more, busy, onMore, action }: { rows: Transfer[]; more: boolean; busy: boolean; onMore: () => void; action: React.ReactNode }) {
  if (rows.length === 0) {
    return (
      <EmptyState icon={Wallet} title="Nothing was granted yet" action={action}>
        Every grant is listed here with who made it.
      </EmptyState>
    )
  }
  const columns: Column<Transfer>[] = [
    { id: 'at', name: 'When', width: '6.5rem', cell: (t) => <Time at={t.created_at} /> },
    { id: 'note', name: 'Note', width: '1fr', cell: (t) => <span className="break-words">{t.note}</span> },
    { id: 'by', name: 'By', width: '12rem', from: 'md', cell: (t) => <span className="text-muted">{t.created_by_name ?? actorName(t.created_by)}</span> },
    {
      id: 'amount',
      name: 'Amount',
      width: '6.5rem',
      align: 'right',
      cell: (t) => (
        <span className="inline-flex items-center gap-2">
          {t.type === 'correction' && <Badge tone="warn">correction</Badge>}
          <Money amount={t.amount} />
        </span>
      ),
    },
  ]
  return (
    <>
      <PlainTable label="History of credit" columns={columns} rows={rows} rowKey={(t) => t.ref} />
      {more && (
        <div className="border-t border-line p-3 text-center">
          <Button small busy={busy} onClick={onMore}>
            Older ones
          </Button>
        </div>
      )}
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Traces } from '@/app/Traces'
import { exactMoney, money } from '@/lib/format'
import { useSession } from '@/lib/session'
import { Chart } from '@/ui/Chart'
import { CopyButton, Mono } from '@/ui/Code'
import { Count, Money, None, Time } from '@/ui/Format'
import { Facts, FailedNote, Skeleton, Stat, Stats } from '@/ui/Panel'
import { KeyStatus } from './KeyStatus'
import { type Key, spendQuery } from './queries'
import { resets } from './values'

/** What a key spent and may do. */
export function KeyDetails({ of: k }: { of: Key }) {
  const { can } = useSession()
  return (
    <>
      {!k.is_management_key && (
        <Stats>
          <Stat label="Spent in all">
            <Money amount={k.usage} />
          </Stat>
          <Stat label="This month">
            <Money amount={k.usage_monthly} />
          </Stat>
          <Stat label="Today">
            <Money amount={k.usage_daily} />
          </Stat>
          <Stat label="Left" note={k.limit === null ? 'no limit' : `of ${money(k.limit)}, ${resetName(k)}`}>
            <Money amount={k.limit_remaining} />
          </Stat>
        </Stats>
      )}
      {!k.is_management_key && can('money:read') && <Spend hash={k.hash} />}
      {!k.is_management_key && <Traces of={{ key: [k.hash] }} />}
      <Facts rows={k.is_management_key ? [...identity(k), ['Role', k.role], ...reach(k)] : [...identity(k), ...uses(k), ...reach(k)]} />
    </>
  )
}

type Rows = (readonly [string, React.ReactNode])[]

function identity(k: Key): Rows {
  return [
    ['Status', <KeyStatus key="status" of={k} />],
    ['Key', <Mono key="label">{k.label}</Mono>],
    [
      'Hash',
      <span key="hash" className="flex items-center gap-1">
        <Mono className="truncate">{k.hash}</Mono>
        <CopyButton text={k.hash} label="Copy the hash" />
      </span>,
    ],
    ['Created', <Time key="created" at={k.created_at} as="date" />],
    ['Ends', k.expires_at ? <Time key="ends" at={k.expires_at} as="date" /> : 'never'],
  ]
}

function uses(k: Key): Rows {
  return [
    ['Models', k.allowed_models?.join(', ') || 'every model'],
    ['Providers', k.allowed_providers?.join(', ') || 'every provider'],
    ['Requests a minute', <Count key="requests" n={k.rate_limits?.requests_per_minute} />],
    ['Tokens a minute', <Count key="tokens" n={k.rate_limits?.tokens_per_minute} />],
    ['Requests at once', <Count key="concurrent" n={k.rate_limits?.concurrent_requests} />],
    ['Own provider keys', `${money(k.byok_usage)} at list price${k.include_byok_in_limit ? ', in the limit' : ''}`],
  ]
}

function reach(k: Key): Rows {
  const labels = Object.entries(k.labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    ['Addresses', k.allowed_ips?.join(', ') || 'from anywhere'],
    ['Labels', labels.join(', ') || <None key="labels" />],
  ]
}

function Spend({ hash }: { hash: string }) {
  const { data, error, refetch } = useQuery(spendQuery(hash))
  if (error) return <FailedNote what="What the key spent" error={error} onRetry={() => void refetch()} />
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">Spent a day, last 30 days</h3>
      {data ? (
        <Chart label="Spent a day in the last 30 days" kind="bars" height={130} at={data.map((d) => d.at)} series={[{ name: 'Spent', values: data.map((d) => d.usage) }]} format={exactMoney} />
      ) : (
        <Skeleton className="h-32 w-full" />
      )}
    </section>
  )
}

function resetName(k: Key): string {
  return (resets.find((r) => r.value === (k.limit_reset ?? ''))?.label ?? '').toLowerCase()
}

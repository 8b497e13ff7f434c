import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from '@/lib/form'
import { exactMoney, money } from '@/lib/format'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Chart } from '@/ui/Chart'
import { CopyButton, Mono } from '@/ui/Code'
import { Sheet } from '@/ui/Dialog'
import { Count, Money, None, Time } from '@/ui/Format'
import { Facts, Note, Skeleton, Stat, Stats } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { KeyFields } from './KeyFields'
import { KeyStatus } from './KeyStatus'
import { type Key, spendQuery, useKeyActions } from './queries'
import { changeOf, check, type KeyValues, resets, valuesOf } from './values'

/** A key's details, and its form. */
export function KeySheet({ subject, onClose }: { subject: Key | null; onClose: () => void }) {
  const [editing, setEditing] = useState('')
  if (!subject) return null
  return editing === subject.hash ? <Edit subject={subject} onClose={() => setEditing('')} /> : <Details subject={subject} onClose={onClose} onEdit={() => setEditing(subject.hash)} />
}

function Details({ subject: k, onClose, onEdit }: { subject: Key; onClose: () => void; onEdit: () => void }) {
  const { can } = useSession()
  const rates = k.rate_limits
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={k.name}
      actions={
        can('keys:write') && (
          <Button kind="primary" onClick={onEdit}>
            Edit
          </Button>
        )
      }
    >
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
      {!k.is_management_key && can('money:read') && <Spend hash={k.hash} />}
      <Facts
        rows={[
          ['Status', <KeyStatus key="s" of={k} />],
          ['Key', <Mono key="l">{k.label}</Mono>],
          [
            'Hash',
            <span key="h" className="flex items-center gap-1">
              <Mono className="truncate">{k.hash}</Mono>
              <CopyButton text={k.hash} label="Copy the hash" />
            </span>,
          ],
          ...(k.is_management_key ? ([['Role', k.role]] as const) : []),
          ['Created', <Time key="c" at={k.created_at} as="date" />],
          ['Ends', k.expires_at ? <Time key="e" at={k.expires_at} as="date" /> : 'never'],
          ['Models', k.allowed_models?.join(', ') || 'every model'],
          ['Providers', k.allowed_providers?.join(', ') || 'every provider'],
          ['Addresses', k.allowed_ips?.join(', ') || 'from anywhere'],
          ['Requests a minute', <Count key="r" n={rates?.requests_per_minute} />],
          ['Tokens a minute', <Count key="t" n={rates?.tokens_per_minute} />],
          ['Requests at once', <Count key="o" n={rates?.concurrent_requests} />],
          ['Own provider keys', `${money(k.byok_usage)} at list price${k.include_byok_in_limit ? ', in the limit' : ''}`],
          ['Labels', k.labels ? Object.entries(k.labels).map(([n, v]) => `${n}=${v}`).join(', ') : <None key="n" />],
        ]}
      />
    </Sheet>
  )
}

function Spend({ hash }: { hash: string }) {
  const { data, error } = useQuery(spendQuery(hash))
  if (error) return <Note kind="bad">The key’s spending could not be loaded: {error.message}</Note>
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

function Edit({ subject, onClose }: { subject: Key; onClose: () => void }) {
  const { change } = useKeyActions()
  const form = useForm<KeyValues>(valuesOf(subject), check)
  const send = async (v: KeyValues) => {
    await change(subject.hash, changeOf(v))
    toast(`${v.name.trim()} is changed`)
    onClose()
  }
  return (
    <Sheet
      open
      keep
      onOpenChange={onClose}
      title={`Edit ${subject.name}`}
      onSubmit={() => void form.submit(send)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={form.busy}>
            Save
          </Button>
        </>
      }
    >
      <KeyFields values={form.values} set={form.set} errors={form.errors} />
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}

function resetName(k: Key): string {
  return (resets.find((r) => r.value === (k.limit_reset ?? ''))?.label ?? '').toLowerCase()
}

import { useQuery } from '@tanstack/react-query'
import { Tags } from 'lucide-react'
import type { Schemas } from '@/lib/api'
import { Button } from '@/ui/Button'
import { PerMillion, Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { EmptyState, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { type PriceChange, priceChangesQuery } from './queries'

const columns: Column<PriceChange>[] = [
  { id: 'model', name: 'Model', width: '1fr', cell: (c) => <Model of={c} /> },
  { id: 'input', name: 'Input / M', width: '9rem', align: 'right', cell: (c) => <FromTo before={c.old_pricing?.prompt} now={c.new_pricing?.prompt} /> },
  { id: 'output', name: 'Output / M', width: '9rem', align: 'right', from: 'md', cell: (c) => <FromTo before={c.old_pricing?.completion} now={c.new_pricing?.completion} /> },
  { id: 'source', name: 'From', width: '10rem', from: 'lg', cell: (c) => c.source.name },
  { id: 'when', name: 'When', width: '7rem', align: 'right', from: 'md', cell: (c) => <Time at={c.from} /> },
]

/** What price lists changed, the latest first; with the right to, they can be looked at and taken over. */
export function PricesPanel({ onRefresh }: { onRefresh?: () => void }) {
  const changes = useQuery(priceChangesQuery)
  const refresh = onRefresh && <Button onClick={onRefresh}>Refresh prices</Button>
  return (
    <Panel title="Prices" about="The last that were taken over from price lists." actions={changes.data?.data.length ? refresh : undefined} flush>
      <Loaded of={changes} lines={4} within="panel">
        {({ data }) =>
          data.length ? (
            <PlainTable label="Prices taken over" columns={columns} rows={data} rowKey={(c) => `${c.endpoint} ${c.from}`} />
          ) : (
            <EmptyState icon={Tags} title="No price was taken over" action={refresh}>
              Prices are those that the gateway came with. A price list says which of them have changed since.
            </EmptyState>
          )
        }
      </Loaded>
    </Panel>
  )
}

export function Model({ of: c }: { of: { model: string | null; upstream_model_id?: string | null; provider_slug: string } }) {
  return (
    <>
      <div className="font-medium wrap-anywhere">{c.model ?? c.upstream_model_id}</div>
      <div className="text-xs text-muted">{c.provider_slug}</div>
    </>
  )
}

type Price = Schemas['Pricing']['prompt'] | undefined

/** A price and the one before, where that was another. */
export function FromTo({ before, now }: { before: Price; now: Price }) {
  return (
    <span className="inline-flex flex-wrap justify-end gap-x-1.5">
      {before !== now && before !== undefined && (
        <s className="text-muted">
          <PerMillion price={before} />
        </s>
      )}
      <PerMillion price={now} />
    </span>
  )
}

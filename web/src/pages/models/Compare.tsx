import { useState } from 'react'
import { money, tokens } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Field } from '@/ui/Field'
import { None, PerMillion, Tokens } from '@/ui/Format'
import { Input } from '@/ui/Input'
import { Sheet } from '@/ui/Dialog'
import { features } from './facets'
import { costOf } from './traffic'

/** Models beside each other, with what a month of traffic would cost. */
export function Compare({ models, open, onOpenChange }: { models: readonly Model[]; open: boolean; onOpenChange: (open: boolean) => void }) {
  const [traffic, setTraffic] = useState({ requests: '10000', prompt: '1500', completion: '300' })
  const requests = Number(traffic.requests)
  const month = (m: Model) => costOf(m, { requests, prompt: requests * Number(traffic.prompt), cached: 0, completion: requests * Number(traffic.completion) }) ?? 0
  const least = Math.min(...models.map(month).filter((c) => c > 0))
  const rows: [string, (m: Model) => React.ReactNode][] = [
    ['Context', (m) => <Tokens n={m.context_length} />],
    ['Longest answer', (m) => <Tokens n={m.top_provider.max_completion_tokens} />],
    ['Input / M', (m) => <PerMillion price={m.pricing.prompt} />],
    ['Output / M', (m) => <PerMillion price={m.pricing.completion} />],
    ['Cached input / M', (m) => <PerMillion price={m.pricing.input_cache_read} />],
    ['Takes', (m) => m.architecture.input_modalities.join(', ')],
    ['Gives', (m) => m.architecture.output_modalities.join(', ')],
    ...features.map(({ value, label }): [string, (m: Model) => React.ReactNode] => [label, (m) => (m.supported_parameters.includes(value) ? 'yes' : <None />)]),
    ['Knowledge until', (m) => m.knowledge_cutoff ?? <None />],
  ]
  return (
    <Sheet wide open={open} onOpenChange={onOpenChange} title={`Compare ${models.length} models`}>
      <fieldset className="grid grid-cols-3 gap-3 rounded-lg border border-line p-3">
        <legend className="px-1 text-sm font-medium">My traffic in a month</legend>
        <Field label="Requests">
          <Input inputMode="numeric" value={traffic.requests} onChange={(e) => setTraffic({ ...traffic, requests: digits(e.target.value) })} />
        </Field>
        <Field label="Tokens in, each">
          <Input inputMode="numeric" value={traffic.prompt} onChange={(e) => setTraffic({ ...traffic, prompt: digits(e.target.value) })} />
        </Field>
        <Field label="Tokens out, each">
          <Input inputMode="numeric" value={traffic.completion} onChange={(e) => setTraffic({ ...traffic, completion: digits(e.target.value) })} />
        </Field>
      </fieldset>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Comparison">
        <table className="w-full border-collapse text-left text-sm">
          <thead>
            <tr className="border-b border-line align-bottom">
              <td className="py-2 pr-4" />
              {models.map((m) => (
                <th key={m.id} scope="col" className="min-w-36 py-2 pr-4 font-semibold">
                  {m.name}
                  <span className="block font-mono text-xs font-normal break-all text-muted">{m.id}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="num">
            <tr className="border-b border-line">
              <th scope="row" className="py-2 pr-4 font-medium">
                A month
              </th>
              {models.map((m) => (
                <td key={m.id} className="py-2 pr-4">
                  <span className="text-lg font-semibold">{money(month(m))}</span>
                  {month(m) > least && <span className="ml-1.5 text-muted">{(month(m) / least).toFixed(1)}×</span>}
                </td>
              ))}
            </tr>
            {rows.map(([name, value]) => (
              <tr key={name} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 pr-4 font-normal whitespace-nowrap text-muted">
                  {name}
                </th>
                {models.map((m) => (
                  <td key={m.id} className="py-1.5 pr-4">
                    {value(m)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-sm text-muted">
        At the price of the cheapest endpoint that can be used, without cache: {tokens(Number(traffic.requests) * (Number(traffic.prompt) + Number(traffic.completion)))} tokens.
      </p>
    </Sheet>
  )
}

function digits(text: string): string {
  return text.replace(/\D/g, '').slice(0, 12)
}

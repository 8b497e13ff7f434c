import { count, exactMoney, percent, perMillion } from '@/lib/format'
import { times } from '@/lib/exact'
import { chartColor } from '@/ui/Chart'
import { Note, Panel } from '@/ui/Panel'
import type { Generation } from './queries'

const classes: Record<string, string> = {
  input: 'Input',
  cache_read: 'Cached input',
  cache_write: 'Cache write',
  cache_write_5m: 'Cache write, 5 min',
  cache_write_1h: 'Cache write, 1 h',
  audio_input: 'Audio input',
  image_input: 'Image input',
  video_input: 'Video input',
  input_image: 'Images read',
  output: 'Output',
  reasoning: 'Reasoning',
  audio_output: 'Audio output',
  image_output: 'Image output',
  request: 'Request',
  web_search: 'Web search',
  search: 'Search unit',
  character: 'Characters spoken',
  audio_ms: 'Audio, ms',
  output_image: 'Images made',
}

/** Classes that are priced by the million in people's heads; the others are priced each. */
const byMillion = new Set(['input', 'cache_read', 'cache_write', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input', 'video_input', 'output', 'reasoning', 'audio_output', 'image_output', 'character', 'audio_ms'])

const states: Record<string, string> = {
  reported: 'The provider counted.',
  estimated: 'The provider did not count: the gateway estimated.',
}

/** What was used at which price, and who paid it. */
export function Bill({ of: g }: { of: Generation }) {
  const { lines, upstream_cost: list, loss, reported_cost: reported, usage_state: state } = g.dragoman
  const parts = lines.map((l) => ({ ...l, name: classes[l.class] ?? l.class, amount: times(l.price, l.units) }))
  const whole = parts.reduce((sum, p) => sum + Number(p.amount), 0)
  return (
    <Panel title="Cost" about={states[state]} flush>
      {whole > 0 && (
        <div aria-hidden className="mx-4 mt-4 flex h-2.5 gap-0.5">
          {parts.map((p, i) => (
            <span key={p.class} className="min-w-0.5 rounded-sm" style={{ width: `${(Number(p.amount) / whole) * 100}%`, background: chartColor(i) }} />
          ))}
        </div>
      )}
      {parts.length > 0 && (
        <div className="overflow-x-auto px-4 pt-3 pb-1" tabIndex={0} role="region" aria-label="Usage">
          <table className="num w-full text-sm">
            <thead>
              <tr className="text-xs text-muted">
                <th scope="col" className="py-1 text-left font-medium">
                  Class
                </th>
                <th scope="col" className="py-1 pl-3 text-right font-medium">
                  Units
                </th>
                <th scope="col" className="py-1 pl-3 text-right font-medium">
                  Price
                </th>
                <th scope="col" className="py-1 pl-3 text-right font-medium">
                  Amount
                </th>
              </tr>
            </thead>
            <tbody>
              {parts.map((p, i) => (
                <tr key={p.class} className="border-t border-line">
                  <th scope="row" className="py-1.5 text-left font-normal whitespace-nowrap">
                    <span aria-hidden className="mr-2 inline-block size-2.5 rounded-sm" style={{ background: chartColor(i) }} />
                    {p.name}
                    {whole > 0 && <span className="ml-1.5 text-xs text-muted">{percent((Number(p.amount) / whole) * 100)}</span>}
                  </th>
                  <td className="py-1.5 pl-3 text-right">{count(p.units)}</td>
                  <td className="py-1.5 pl-3 text-right whitespace-nowrap">{byMillion.has(p.class) ? `${perMillion(p.price)} / M` : `$${p.price}`}</td>
                  <td className="py-1.5 pl-3 text-right">${p.amount}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <dl className="num flex flex-col gap-1 border-t border-line px-4 py-3 text-sm first:border-t-0">
        <Sum name="At list price" amount={list} />
        {g.is_byok && <Sum name="Paid to the provider with the own key" amount={g.upstream_inference_cost ?? 0} />}
        <Sum name={g.is_byok ? 'Fee' : 'Paid'} amount={g.total_cost} strong />
        {loss > 0 && <Sum name="Borne by the operator" amount={loss} />}
        {reported && <Sum name="The provider says" amount={Number(reported)} />}
      </dl>
      {g.dragoman.cost_diverges && (
        <Note kind="warn" className="mx-4 mb-3">
          What the provider says differs by more than one per cent from its usage at the catalogue’s prices. A price may have changed.
        </Note>
      )}
      <Entries of={g} />
    </Panel>
  )
}

function Sum({ name, amount, strong }: { name: string; amount: number; strong?: boolean }) {
  return (
    <div className={strong ? 'flex justify-between gap-3 font-semibold' : 'flex justify-between gap-3'}>
      <dt className={strong ? '' : 'text-muted'}>{name}</dt>
      <dd>{exactMoney(amount)}</dd>
    </div>
  )
}

/** The transfers that the record stands for: the ledger reads them from it. */
function Entries({ of: g }: { of: Generation }) {
  const entries = [
    { ref: `settle:${g.id}`, from: 'this organisation', to: 'system:revenue', amount: g.total_cost },
    { ref: `loss:${g.id}`, from: 'system:operator-loss', to: 'system:revenue', amount: g.dragoman.loss },
  ].filter((e) => e.amount > 0)
  return (
    <div className="border-t border-line px-4 py-3 text-sm">
      <h3 className="mb-1 text-xs font-medium text-muted">Ledger</h3>
      {entries.length === 0 && <p className="text-muted">The hold was released; no money moved.</p>}
      {entries.map((e) => (
        <div key={e.ref} className="min-w-0">
          <div className="num flex justify-between gap-3">
            <span className="min-w-0 wrap-anywhere">
              {e.from} → {e.to}
            </span>
            <span>{exactMoney(e.amount)}</span>
          </div>
          <div className="truncate font-mono text-xs text-muted" title={e.ref}>
            {e.ref}
          </div>
        </div>
      ))}
    </div>
  )
}

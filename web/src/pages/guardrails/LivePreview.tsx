import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useChoices } from '@/lib/choices'
import { count, plural } from '@/lib/format'
import { modelsQuery } from '@/lib/queries'
import { Badge, type Tone } from '@/ui/Badge'
import { Combobox } from '@/ui/Combobox'
import { cx } from '@/ui/cx'
import { Field } from '@/ui/Field'
import { Textarea } from '@/ui/Input'
import { Meter } from '@/ui/Meter'
import { FailedNote, Panel, SkeletonLines } from '@/ui/Panel'
import { type GuardrailChange, type Preview, previewQuery } from './queries'
import { useSettled } from './settled'

/** What the guardrail would allow as it stands in the form, and what it would do to a text. */
export function LivePreview({ id, draft }: { id: string; draft: GuardrailChange }) {
  const [model, setModel] = useState('')
  const [text, setText] = useState('')
  const models = useChoices(modelsQuery())
  const asked = useSettled(JSON.stringify({ draft, model, text }), 300)
  const question = JSON.parse(asked) as { draft: GuardrailChange; model: string; text: string }
  const { data, error, isFetching, refetch } = useQuery(previewQuery(id, question.draft, question.model, question.text))
  const shown = useDeferredValue(data)
  return (
    <aside aria-label="Preview" className="flex flex-col gap-4 lg:sticky lg:top-4">
      <Panel title="What would be allowed" about="With what is in the form, saved or not.">
        <div className="flex flex-col gap-4">
          <Combobox label="Model" placeholder="Over all models" value={model} onChange={setModel} onOpen={models.onOpen} choices={models.list?.map((m) => ({ value: m.id, label: m.id }))} />
          {error && <FailedNote what="The preview" error={error} onRetry={() => void refetch()} />}
          {shown ? <Counts of={shown} busy={isFetching} /> : !error && <SkeletonLines lines={4} />}
        </div>
      </Panel>
      <Panel title="Try a text" about="It is neither kept nor logged.">
        <div className="flex flex-col gap-3">
          <Field label="Text">
            <Textarea rows={4} maxLength={100_000} value={text} onChange={(e) => setText(e.target.value)} />
          </Field>
          {shown?.text && text && (
            <>
              <Verdict title="In a request" of={shown.text.request} />
              <Verdict title="In an answer" of={shown.text.answer} />
            </>
          )}
        </div>
      </Panel>
    </aside>
  )
}

function Counts({ of: p, busy }: { of: Preview; busy: boolean }) {
  const c = p.counts
  return (
    <div aria-live="polite" aria-busy={busy} className={cx('flex flex-col gap-3 transition-opacity', busy && 'opacity-60')}>
      <p>
        <strong className="num text-lg">{count(c.allowed_endpoints)}</strong> <span className="text-muted">of {plural(c.endpoints, 'endpoint')}</span>
        {!p.model && (
          <span className="text-muted">
            , {count(c.allowed_models)} of {plural(c.models, 'model')}
          </span>
        )}
      </p>
      <Meter plain label="Endpoints that remain" share={c.endpoints ? c.allowed_endpoints / c.endpoints : 0} />
      <ul className="flex flex-col gap-1.5 text-sm">
        {p.model
          ? p.endpoints.map((e) => (
              <li key={e.tag} className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 truncate">{e.provider_name}</span>
                <span className={e.allowed ? 'text-good' : 'text-muted'}>{e.allowed ? 'allowed' : words(e.reason)}</span>
              </li>
            ))
          : c.excluded.map((x) => (
              <li key={x.reason + x.by.join()} className="flex items-baseline justify-between gap-3">
                <span className="min-w-0">
                  {words(x.reason)} <span className="text-muted">{x.by.length ? `by ${x.by.join(', ')}` : ''}</span>
                </span>
                <span className="num text-muted">−{count(x.endpoints)}</span>
              </li>
            ))}
      </ul>
    </div>
  )
}

const tones: Record<string, Tone> = { none: 'good', flag: 'warn', redact: 'accent', block: 'bad' }
const says: Record<string, string> = { none: 'nothing found', flag: 'flagged', redact: 'redacted', block: 'blocked' }

function Verdict({ title, of: v }: { title: string; of: NonNullable<Preview['text']>['request'] }) {
  return (
    <section>
      <h3 className="flex items-center gap-2 text-sm font-medium">
        {title}
        <Badge tone={tones[v.action]}>{says[v.action]}</Badge>
      </h3>
      {v.findings.length > 0 && <p className="mt-1 text-xs text-muted">{v.findings.map((f) => `${f.filter}${f.name ? ` (${f.name})` : ''}: ${f.action}`).join(', ')}</p>}
      {v.action === 'redact' && <p className="mt-1.5 rounded-md bg-sunken p-2 text-sm break-words whitespace-pre-wrap">{v.text}</p>}
    </section>
  )
}

function words(reason: string | undefined): string {
  return (reason ?? '').replaceAll('_', ' ')
}

import { Plus, Trash2 } from 'lucide-react'
import type { Guardrail } from '@/lib/guardrails'
import { Button, IconButton } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Input, Textarea } from '@/ui/Input'
import { Facts, Panel } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { Checkbox } from '@/ui/Toggle'
import type { FieldsProps } from './RuleFields'
import { type Action, actions, type Builtin, builtins, type Pattern } from './values'

/** What a guardrail looks for in texts, and what it does about it. */
export function FilterFields({ values: v, set, errors, moderation }: FieldsProps & { moderation: Guardrail['moderation'] }) {
  const change = (slug: Builtin['slug'], to: Partial<Builtin> | null) => {
    const old = v.content_filter_builtins.find((b) => b.slug === slug)
    const rest = v.content_filter_builtins.filter((b) => b.slug !== slug)
    set({ content_filter_builtins: to ? [...rest, { slug, action: 'flag', ...old, ...to }] : rest })
  }
  const put = (at: number, to: Partial<Pattern>) => set({ content_filters: v.content_filters.map((f, i) => (i === at ? { ...f, ...to } : f)) })
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Looks for" about="Block refuses the request, redact replaces what was found, flag only tells." flush>
        <ul>
          {builtins.map(({ slug, name, finds }) => {
            const on = v.content_filter_builtins.find((b) => b.slug === slug)
            return (
              <li key={slug} className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[1fr_10rem_7rem]">
                <div>
                  <div className="font-medium">{name}</div>
                  <div className="text-xs text-muted">{finds}</div>
                </div>
                <div className="col-span-2 row-start-2 sm:col-span-1 sm:row-start-auto">{on && <Checkbox label="In answers too" checked={on.scan_output ?? false} onChange={(scan_output) => change(slug, { scan_output })} />}</div>
                <Select<Action | ''> small aria-label={name} value={on?.action ?? ''} onChange={(action) => change(slug, action ? { action } : null)} options={actions} />
              </li>
            )
          })}
        </ul>
      </Panel>
      <Panel
        title="Patterns of your own"
        about="Regular expressions in RE2’s syntax."
        actions={
          <Button small icon={Plus} onClick={() => set({ content_filters: [...v.content_filters, { pattern: '', action: 'redact' }] })}>
            Add
          </Button>
        }
      >
        <div className="flex flex-col gap-4">
          {v.content_filters.length === 0 && <p className="text-sm text-muted">None.</p>}
          {v.content_filters.map((f, i) => (
            <div key={i} className="grid grid-cols-[1fr_7rem_auto] items-center gap-2">
              <Input aria-label={`Pattern ${i + 1}`} spellCheck={false} className="font-mono" placeholder="PROJ-\d+" aria-invalid={Boolean(errors.content_filters) || undefined} value={f.pattern} onChange={(e) => put(i, { pattern: e.target.value })} />
              <Select aria-label={`What pattern ${i + 1} does`} value={f.action} onChange={(action) => put(i, { action })} options={actions.filter((a): a is { value: Action; label: string } => a.value !== '')} />
              <IconButton icon={Trash2} label={`Take pattern ${i + 1} away`} onClick={() => set({ content_filters: v.content_filters.filter((_, j) => j !== i) })} />
              <div className="col-span-3 flex flex-wrap items-center gap-x-4 gap-y-2">
                <Input aria-label={`Label of pattern ${i + 1}`} className="max-w-48" placeholder="[REDACTED]" value={f.label ?? ''} onChange={(e) => put(i, { label: e.target.value || null })} />
                <Checkbox label="In answers too" checked={f.scan_output ?? false} onChange={(scan_output) => put(i, { scan_output })} />
              </div>
            </div>
          ))}
          {errors.content_filters && <p className="text-sm text-bad">{errors.content_filters}</p>}
        </div>
      </Panel>
      <Panel title="Let through" about="Phrases that the filter for prompt injection lets pass, one a line.">
        <Field label="Phrases" optional error={errors.prompt_injection_allow_list}>
          <Textarea rows={3} value={v.prompt_injection_allow_list} onChange={(e) => set({ prompt_injection_allow_list: e.target.value })} />
        </Field>
      </Panel>
      {moderation && (
        <Panel title="Moderation" about="A model judges requests before they go out. It is set by the API.">
          <Facts rows={[['Model', moderation.model], ['Does', moderation.action ?? 'block'], ['Categories', Object.keys(moderation.categories).join(', ')]]} />
        </Panel>
      )}
    </div>
  )
}

import { Plus, Trash2 } from 'lucide-react'
import { Button, IconButton } from '@/ui/Button'
import { Input } from '@/ui/Input'
import { Select } from '@/ui/Select'
import { Checkbox } from '@/ui/Toggle'
import { about, fields, type Group, hasValue, looksAtTexts, most, newGroup, operatorsOf, type Rule, type Rules } from './rules'

/** The rules that choose requests: groups, of which every one must hold. */
export function RuleFields({ rules, onChange, error }: { rules: Rules; onChange: (rules: Rules) => void; error: string | undefined }) {
  const { groups } = rules
  const put = (next: Group[]) => onChange({ ...rules, groups: next })
  return (
    <div role="group" aria-label="Rules" className="flex flex-col gap-2">
      <div className="text-sm font-medium">
        Rules <span className="ml-1 font-normal text-muted">optional</span>
      </div>
      {groups.map((g, i) => (
        <div key={i} className="flex flex-col gap-2">
          {i > 0 && <p className="text-sm text-muted">and</p>}
          <GroupFields
            group={g}
            first={groups.slice(0, i).reduce((n, before) => n + before.rules.length, 1)}
            invalid={Boolean(error)}
            onChange={(next) => put(next ? groups.with(i, next) : groups.filter((_, j) => j !== i))}
          />
        </div>
      ))}
      {looksAtTexts(rules) && <p className="text-sm text-muted">Of prompts and answers a rule sees what the workspace keeps.</p>}
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      {groups.length < most.groups && (
        <Button small icon={Plus} className="self-start" onClick={() => put([...groups, newGroup])}>
          {groups.length ? 'Add a group' : 'Add a rule'}
        </Button>
      )}
      {groups.length > 0 && <Checkbox label="The rules are in force" checked={rules.enabled !== false} onChange={(enabled) => onChange({ ...rules, enabled })} />}
    </div>
  )
}

type GroupProps = {
  group: Group
  /** The number of its first rule among all. */
  first: number
  invalid: boolean
  /** Undefined when its last rule is taken away. */
  onChange: (group: Group | undefined) => void
}

function GroupFields({ group: g, first, invalid, onChange }: GroupProps) {
  const put = (rules: Rule[]) => onChange(rules.length ? { ...g, rules } : undefined)
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      {g.rules.length > 1 && (
        <Select
          small
          className="self-start"
          aria-label={`Of rules ${first} to ${first + g.rules.length - 1} hold`}
          value={g.logic ?? 'and'}
          onChange={(logic) => onChange({ ...g, logic })}
          options={[
            { value: 'and', label: 'All of these hold' },
            { value: 'or', label: 'Any of these holds' },
          ]}
        />
      )}
      {g.rules.map((r, i) => (
        <RuleRow key={i} rule={r} n={first + i} invalid={invalid} onChange={(next) => put(next ? g.rules.with(i, next) : g.rules.filter((_, j) => j !== i))} />
      ))}
      {g.rules.length < most.rules && (
        <Button small kind="quiet" icon={Plus} className="self-start" onClick={() => put([...g.rules, ...newGroup.rules])}>
          Add a rule to the group
        </Button>
      )}
    </div>
  )
}

function RuleRow({ rule: r, n, invalid, onChange }: { rule: Rule; n: number; invalid: boolean; onChange: (rule: Rule | undefined) => void }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] gap-2">
      <Select aria-label={`What rule ${n} looks at`} value={r.field} onChange={(field) => onChange(about(r, field))} options={fields} />
      <Select aria-label={`How rule ${n} compares`} value={r.operator} onChange={(operator) => onChange({ ...r, operator })} options={operatorsOf(r)} />
      <IconButton icon={Trash2} label={`Take rule ${n} away`} onClick={() => onChange(undefined)} />
      {hasValue(r) && (
        <div className="col-span-2">
          <Input aria-label={`Value of rule ${n}`} aria-invalid={(invalid && !r.value) || undefined} maxLength={1000} spellCheck={false} value={r.value ?? ''} onChange={(e) => onChange({ ...r, value: e.target.value })} />
        </div>
      )}
    </div>
  )
}

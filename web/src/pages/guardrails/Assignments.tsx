import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/lib/api'
import { useChoices } from '@/lib/choices'
import type { Guardrail } from '@/lib/guardrails'
import { membersQuery } from '@/lib/queries'
import { nameOf } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { type Choice, MultiCombobox } from '@/ui/Combobox'
import { Loaded } from '@/ui/Loaded'
import { Note, Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { keysQuery, underQuery, useGuardrailActions } from './queries'

/** Which keys and members are under a guardrail; each is under one at most. */
export function Assignments({ of: g, home }: { of: Guardrail; home: string | undefined }) {
  const { can } = useSession()
  const write = can('rules:write')
  const under = useQuery(underQuery(g.id))
  const keys = useChoices(keysQuery)
  const members = useChoices(membersQuery, { atOnce: can('members:read') && Boolean(under.data?.members.length) })
  const { addKeys, freeKeys, addMembers, freeMembers } = useGuardrailActions()
  return (
    <Loaded of={under} lines={5}>
      {(list) => (
        <div className="flex flex-col gap-4">
          {home && <Note>All traffic of {home} is under this guardrail, besides what is listed here.</Note>}
          <Under
            title="Keys"
            write={write}
            placed={list.keys.map((k) => ({ value: k.key_hash, label: k.key_name, note: k.key_label }))}
            onOpen={keys.onOpen}
            choices={keys.list?.filter((k) => !k.is_management_key).map((k) => ({ value: k.hash, label: k.name, note: k.label }))}
            add={(ids) => addKeys(g.id, ids)}
            free={(ids) => freeKeys(g.id, ids)}
          />
          <Under
            title="Members"
            write={write}
            placed={list.members.map((m) => {
              const found = members.list?.find((x) => x.id === m.user_id)
              return { value: m.user_id, label: found ? nameOf(found) : m.user_id, note: found?.email }
            })}
            onOpen={members.onOpen}
            choices={members.list?.map((m) => ({ value: m.id, label: nameOf(m), note: m.email }))}
            add={(ids) => addMembers(g.id, ids)}
            free={(ids) => freeMembers(g.id, ids)}
          />
        </div>
      )}
    </Loaded>
  )
}

type UnderProps = { title: string; write: boolean; placed: Choice[]; choices: Choice[] | undefined; onOpen: () => void; add: (ids: string[]) => Promise<unknown>; free: (ids: string[]) => Promise<unknown> }

function Under({ title, write, placed, choices, onOpen, add, free }: UnderProps) {
  const [chosen, setChosen] = useState<string[]>([])
  const run = async (act: () => Promise<unknown>, said: string, undo?: () => Promise<unknown>) => {
    try {
      await act()
      toast(said, { undo: undo && (() => void undo()) })
    } catch (e) {
      toast(messageOf(e), { bad: true })
    }
  }
  const left = choices?.filter((c) => !placed.some((p) => p.value === c.value))
  return (
    <Panel title={title} flush>
      {write && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
          <div className="min-w-48 flex-1">
            <MultiCombobox label={`${title} to put under it`} placeholder={`Choose ${title.toLowerCase()}`} value={chosen} onChange={setChosen} onOpen={onOpen} choices={left} />
          </div>
          <Button disabled={chosen.length === 0} onClick={() => void run(() => add(chosen), 'They are under the guardrail').then(() => setChosen([]))}>
            Put under it
          </Button>
        </div>
      )}
      {placed.length === 0 && <p className="px-4 py-3 text-sm text-muted">None.</p>}
      <ul>
        {placed.map((p) => (
          <li key={p.value} className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-0">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{p.label}</span>
              <span className="block truncate text-xs text-muted">{p.note}</span>
            </span>
            {write && (
              <Button small kind="quiet" aria-label={`Free ${p.label}`} onClick={() => void run(() => free([p.value]), `${p.label} is free of it`, () => add([p.value]))}>
                Free
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

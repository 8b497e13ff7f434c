import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useChoices } from '@/lib/choices'
import { membersQuery } from '@/lib/queries'
import { nameOf } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { type Choice, MultiCombobox } from '@/ui/Combobox'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { attempt } from '@/ui/Toast'
import { keysQuery, keysUnderQuery, membersUnderQuery, useGuardrailActions } from './queries'

/** Which keys are under a guardrail; each is under one at most. */
export function KeysUnder({ id }: { id: string }) {
  const { addKeys, freeKeys } = useGuardrailActions()
  const { list, onOpen } = useChoices(keysQuery)
  const choices = list?.filter((k) => !k.is_management_key).map((k) => ({ value: k.hash, label: k.name, note: k.label }))
  return <Under title="Keys" of={useInfiniteQuery(keysUnderQuery(id))} choices={choices} onOpen={onOpen} add={(hashes) => addKeys(id, hashes)} free={(hashes) => freeKeys(id, hashes)} />
}

/** Which members are under a guardrail; each is under one at most. */
export function MembersUnder({ id }: { id: string }) {
  const { addMembers, freeMembers } = useGuardrailActions()
  const { list, onOpen } = useChoices(membersQuery)
  const choices = list?.map((m) => ({ value: m.id, label: nameOf(m), note: m.email }))
  return <Under title="Members" of={useInfiniteQuery(membersUnderQuery(id))} choices={choices} onOpen={onOpen} add={(ids) => addMembers(id, ids)} free={(ids) => freeMembers(id, ids)} />
}

type UnderProps = {
  title: string
  of: UseInfiniteQueryResult<Choice[]>
  choices: Choice[] | undefined
  onOpen: () => void
  add: (ids: string[]) => Promise<unknown>
  free: (ids: string[]) => Promise<unknown>
}

function Under({ title, of: under, choices, onOpen, add, free }: UnderProps) {
  const { can } = useSession()
  const [chosen, setChosen] = useState<string[]>([])
  const write = can('rules:write')
  const put = () => attempt(() => add(chosen), 'They are under the guardrail').then(() => setChosen([]))
  return (
    <Panel title={title} about="Each is under one guardrail at most, and leaves the one that it was under." flush>
      <Loaded of={under} lines={4} within="panel">
        {(placed) => (
          <>
            {write && (
              <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
                <div className="min-w-48 flex-1">
                  <MultiCombobox
                    label={`${title} to put under it`}
                    placeholder={`Choose ${title.toLowerCase()}`}
                    value={chosen}
                    onChange={setChosen}
                    onOpen={onOpen}
                    choices={choices?.filter((c) => !placed.some((p) => p.value === c.value))}
                  />
                </div>
                <Button disabled={chosen.length === 0} onClick={() => void put()}>
                  Put under it
                </Button>
              </div>
            )}
            {placed.length === 0 && <p className="px-4 py-3 text-sm text-muted">None.</p>}
            <ul>
              {placed.map((p) => (
                <li key={p.value} className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-0">
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium wrap-anywhere">{p.label}</span>
                    <span className="block text-xs wrap-anywhere text-muted">{p.note}</span>
                  </span>
                  {write && (
                    <Button small kind="quiet" aria-label={`Free ${p.label}`} onClick={() => void attempt(() => free([p.value]), `${p.label} is free of it`, () => add([p.value]))}>
                      Free
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {under.hasNextPage && (
              <div className="border-t border-line p-3 text-center">
                <Button small busy={under.isFetchingNextPage} onClick={() => void under.fetchNextPage()}>
                  More
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

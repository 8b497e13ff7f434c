import { useQuery } from '@tanstack/react-query'
import { MoreHorizontal, Pause, Play, Plus, Trash2, Workflow } from 'lucide-react'
import { useState } from 'react'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button, IconButton } from '@/ui/Button'
import { Copied } from '@/ui/Code'
import { Confirm } from '@/ui/Dialog'
import { Loaded } from '@/ui/Loaded'
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu'
import { EmptyState, Facts, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { attempt, toast } from '@/ui/Toast'
import { PolicySheet } from './PolicySheet'
import { policiesQuery, type Policy, useIdentityActions } from './queries'

/** Workload identity: programs that exchange a token of their own issuer for a short-lived one. */
export function Workloads({ tokenURL, adding, onAdd }: { tokenURL: string; adding: boolean; onAdd: (on: boolean) => void }) {
  const { can } = useSession()
  const policies = useQuery(policiesQuery)
  const { switchPolicy, removePolicy } = useIdentityActions()
  const [removing, setRemoving] = useState<Policy | null>(null)
  const toggle = (p: Policy) => attempt(() => switchPolicy(p.id, !p.disabled))
  const add = can('rules:write') && (
    <Button small icon={Plus} onClick={() => onAdd(true)}>
      New policy
    </Button>
  )
  return (
    <>
      <Panel title="Tokens" about="A CI job or a pod exchanges its own token here for one that lasts minutes: no key is stored where it runs.">
        <Facts rows={[['Exchange at', <Copied key="url" text={tokenURL} label="Copy the address" />]]} />
      </Panel>
      <Panel title="Federation policies" about="Which workloads get a token. What it may do and spend is said by the policy’s key, in Keys." actions={add} flush>
        <Loaded of={policies} lines={3} within="panel">
          {(list) =>
            list.length ? (
              <PlainTable label="Federation policies" rows={list} rowKey={(p) => p.id} columns={columns(can('rules:write'), toggle, setRemoving)} />
            ) : (
              <EmptyState icon={Workflow} title="No policy">
                A policy names an issuer, such as GitHub Actions or a cluster, and what its tokens must say.
              </EmptyState>
            )
          }
        </Loaded>
      </Panel>
      <PolicySheet open={adding && can('rules:write')} onClose={() => onAdd(false)} />
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Delete the policy ${removing?.name}?`}
        action="Delete"
        type={removing?.name}
        onConfirm={async () => {
          if (!removing) return
          await removePolicy(removing.id)
          toast('The policy is deleted')
        }}
      >
        Its tokens end at once, and its key with it.
      </Confirm>
    </>
  )
}

function columns(write: boolean, onToggle: (p: Policy) => void, onRemove: (p: Policy) => void): Column<Policy>[] {
  return [
    {
      id: 'name',
      name: 'Policy',
      width: 'minmax(9rem, 1fr)',
      cell: (p) => (
        <>
          <div className="font-medium wrap-anywhere">{p.name}</div>
          <div className="text-xs wrap-anywhere text-muted">{p.issuer}</div>
        </>
      ),
    },
    { id: 'conditions', name: 'Conditions', width: 'minmax(9rem, 1.5fr)', from: 'md', cell: (p) => p.conditions.map((c) => `${c.claim} = ${c.values.join(' or ')}`).join('; ') },
    { id: 'state', name: 'State', width: '6rem', cell: (p) => (p.disabled ? <Badge tone="warn">disabled</Badge> : <Badge tone="good">active</Badge>) },
    ...(write
      ? [
          {
            id: 'actions',
            name: '',
            width: '2.5rem',
            cell: (p: Policy) => (
              <Menu trigger={<IconButton icon={MoreHorizontal} small tooltip={false} label={`Actions on ${p.name}`} />}>
                <MenuItem icon={p.disabled ? Play : Pause} onSelect={() => onToggle(p)}>
                  {p.disabled ? 'Enable' : 'Disable'}
                </MenuItem>
                <MenuSeparator />
                <MenuItem icon={Trash2} danger onSelect={() => onRemove(p)}>
                  Delete
                </MenuItem>
              </Menu>
            ),
          },
        ]
      : []),
  ]
}

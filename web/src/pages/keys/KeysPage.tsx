import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { KeyRound, MoreHorizontal, Pause, Play, Plus, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useWorkspace } from '@/app/workspace'
import { money, plural } from '@/lib/format'
import { useSession } from '@/lib/session'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { Money, Time } from '@/ui/Format'
import { SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu'
import { EmptyState, PageHeader } from '@/ui/Panel'
import { nextPage, SearchMore } from '@/ui/SearchMore'
import { type Column, Table } from '@/ui/Table'
import { Segments } from '@/ui/Tabs'
import { attempt, toast } from '@/ui/Toast'
import { TwoLines } from '@/ui/TwoLines'
import { Checkbox } from '@/ui/Toggle'
import { KeyReport } from './KeyReport'
import { KeySheet } from './KeySheet'
import { KeyStatus } from './KeyStatus'
import { NewKeySheet } from './NewKeySheet'
import { type Key, keysQuery, useKeyActions } from './queries'
import { RotateDialog } from './RotateDialog'
import { type Plaintext, ShownOnce } from './ShownOnce'

const route = getRouteApi('/shell/keys')

export function KeysPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const [workspace] = useWorkspace()
  const management = search.kind === 'management'
  const keys = useInfiniteQuery({ ...keysQuery(workspace?.id, management), enabled: search.kind !== 'review' })
  const all = keys.data?.pages.flatMap((p) => p.data) ?? []
  const [made, setMade] = useState<Plaintext | null>(null)
  const [rotating, setRotating] = useState<Key | null>(null)
  const [removing, setRemoving] = useState<Key | null>(null)
  const { change, remove } = useKeyActions()

  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const show = (key: string | undefined) => void navigate({ search: (old) => ({ ...old, key }) })
  const toggle = (k: Key) => void attempt(() => change(k.hash, { disabled: !k.disabled }), `${k.name} is ${k.disabled ? 'enabled' : 'disabled'}`, () => change(k.hash, { disabled: k.disabled }))
  const onMade = (name: string, key: string) => {
    show(undefined)
    setRotating(null)
    setMade({ name, key, management })
  }
  const rows = all.filter((k) => (search.disabled || !k.disabled) && matches(k, search.q))
  const newKey = can('keys:write') && (
    <Button kind="primary" icon={Plus} onClick={() => show('new')}>
      New key
    </Button>
  )
  return (
    <>
      <PageHeader title="Keys" about="What programs show the gateway." actions={newKey}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <SearchInput label="Search keys" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md min-w-48 flex-1" />
          <Segments
            label="Kind of keys"
            value={search.kind ?? 'inference'}
            onChange={(kind) => set({ kind: kind === 'inference' ? undefined : kind, key: undefined })}
            options={[
              { value: 'inference', label: 'Inference' },
              { value: 'management', label: 'Management' },
              { value: 'review', label: 'To review' },
            ]}
          />
          {search.kind !== 'review' && <Checkbox label="Also disabled" checked={Boolean(search.disabled)} onChange={(c) => set({ disabled: c || undefined })} />}
        </div>
      </PageHeader>
      {search.kind === 'review' ? (
        <KeyReport q={search.q} />
      ) : (
        <Loaded of={keys} lines={8} within="page">
          {() => (
            <>
              <Table
                label="Keys"
                tall
                columns={columns({ management, write: can('keys:write'), onToggle: toggle, onRotate: setRotating, onRemove: setRemoving })}
                rows={rows}
                rowKey={(k) => k.hash}
                sort={search.sort}
                onSort={(sort) => set({ sort })}
                onOpen={(k) => show(k.hash)}
                onEnd={search.q ? undefined : nextPage(keys)}
                empty={
                  all.length === 0 ? (
                    <EmptyState icon={KeyRound} title="No key yet" action={newKey}>
                      {management ? 'A management key is for programs that manage the gateway.' : 'A program needs a key to use models. Give each its own: limits and spending are by key.'}
                    </EmptyState>
                  ) : (
                    <EmptyState title="No key matches">{all.some((k) => k.disabled) && !search.disabled && 'Disabled keys are not shown.'}</EmptyState>
                  )
                }
              />
              {search.q && <SearchMore of={keys} searched={plural(all.length, 'key')} />}
            </>
          )}
        </Loaded>
      )}
      <NewKeySheet open={search.key === 'new'} management={management} workspace={workspace?.id} onClose={() => show(undefined)} onMade={onMade} />
      <KeySheet subject={all.find((k) => k.hash === search.key) ?? null} onClose={() => show(undefined)} />
      <RotateDialog subject={rotating} onClose={() => setRotating(null)} onMade={onMade} />
      <ShownOnce made={made} onClose={() => setMade(null)} />
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Delete “${removing?.name}”?`}
        action="Delete key"
        type={removing?.name}
        onConfirm={async () => {
          if (!removing) return
          await remove(removing.hash)
          toast(`${removing.name} is deleted`)
        }}
      >
        What uses it is refused from now on. This cannot be undone; disabling can.
      </Confirm>
    </>
  )
}

function matches(k: Key, q = ''): boolean {
  const text = `${k.name} ${k.label} ${k.hash} ${Object.entries(k.labels ?? {}).flat().join(' ')}`.toLowerCase()
  return q.toLowerCase().split(/\s+/).every((w) => text.includes(w))
}

type Actions = { management: boolean; write: boolean; onToggle: (k: Key) => void; onRotate: (k: Key) => void; onRemove: (k: Key) => void }

function columns(a: Actions): Column<Key>[] {
  const spending: Column<Key>[] = [
    { id: 'month', name: 'This month', width: '7rem', align: 'right', from: 'md', sort: (k) => k.usage_monthly, cell: (k) => <Money amount={k.usage_monthly} /> },
    { id: 'usage', name: 'In all', width: '6rem', align: 'right', from: 'md', sort: (k) => k.usage, cell: (k) => <Money amount={k.usage} /> },
    { id: 'left', name: 'Left', width: '9rem', align: 'right', from: 'lg', sort: (k) => k.limit_remaining, cell: (k) => <Left of={k} /> },
  ]
  return [
    {
      id: 'name',
      name: 'Name',
      width: 'minmax(9rem, 2fr)',
      sort: (k) => k.name,
      cell: (k) => <TwoLines name={k.name} below={k.label} mono />,
    },
    { id: 'status', name: 'Status', width: '7rem', cell: (k) => <KeyStatus of={k} /> },
    ...(a.management ? [{ id: 'role', name: 'Role', width: '7rem', sort: (k: Key) => k.role, cell: (k: Key) => k.role ?? '' }] : spending),
    { id: 'created', name: 'Created', width: '7.5rem', from: 'lg', sort: (k) => k.created_at, cell: (k) => <Time at={k.created_at} as="date" /> },
    { id: 'ends', name: 'Ends', width: '7.5rem', from: 'xl', sort: (k) => k.expires_at, cell: (k) => (k.expires_at ? <Time at={k.expires_at} as="date" /> : <span className="text-muted">never</span>) },
    ...(a.write ? [{ id: 'actions', name: '', width: '2.5rem', cell: (k: Key) => <Actions of={k} actions={a} /> }] : []),
  ]
}

function Left({ of: k }: { of: Key }) {
  if (k.limit === null) return <span className="text-muted">no limit</span>
  const share = k.limit === 0 ? 0 : Math.max(0, Math.min(1, (k.limit_remaining ?? 0) / k.limit))
  return (
    <div className="flex flex-col items-end gap-1">
      <span>
        <Money amount={k.limit_remaining} /> <span className="text-muted">of {money(k.limit)}</span>
      </span>
      <span aria-hidden className="block h-1 w-24 overflow-hidden rounded-full bg-line">
        <span className={share < 0.1 ? 'block h-full bg-bad' : 'block h-full bg-accent'} style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  )
}

function Actions({ of: k, actions: a }: { of: Key; actions: Actions }) {
  return (
    <Menu trigger={<IconButton icon={MoreHorizontal} small tooltip={false} label={`Actions on ${k.name}`} />}>
      <MenuItem icon={k.disabled ? Play : Pause} onSelect={() => a.onToggle(k)}>
        {k.disabled ? 'Enable' : 'Disable'}
      </MenuItem>
      <MenuItem icon={RefreshCw} onSelect={() => a.onRotate(k)}>
        Rotate
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} danger onSelect={() => a.onRemove(k)}>
        Delete
      </MenuItem>
    </Menu>
  )
}

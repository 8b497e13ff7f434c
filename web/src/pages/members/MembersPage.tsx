import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { MoreHorizontal, Pause, Play, Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { plural } from '@/lib/format'
import { nameOf, roleLabel } from '@/lib/roles'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { SearchInput } from '@/ui/Input'
import { Loaded } from '@/ui/Loaded'
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu'
import { EmptyState, PageHeader } from '@/ui/Panel'
import { nextPage, SearchMore } from '@/ui/SearchMore'
import { type Column, Table } from '@/ui/Table'
import { Segments } from '@/ui/Tabs'
import { attempt, toast } from '@/ui/Toast'
import { Invitations } from './Invitations'
import { InviteSheet } from './InviteSheet'
import { InviteLink, type Invited } from './InviteLink'
import { MemberSheet } from './MemberSheet'
import { type Member, membersPagesQuery, useMemberActions } from './queries'

const route = getRouteApi('/shell/members')

export function MembersPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can, member_id } = useSession()
  const invitations = search.view === 'invitations'
  const members = useInfiniteQuery({ ...membersPagesQuery, enabled: !invitations })
  const [invited, setInvited] = useState<Invited | null>(null)
  const [removing, setRemoving] = useState<Member | null>(null)
  const { change, remove } = useMemberActions()

  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const show = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }) })
  const toggle = (m: Member) => void attempt(() => change(m.id, { disabled: !m.disabled }), `${nameOf(m)} is ${m.disabled ? 'enabled' : 'disabled'}`, () => change(m.id, { disabled: m.disabled }))
  const invite = can('members:write') && (
    <Button kind="primary" icon={UserPlus} onClick={() => show({ form: 'invite' })}>
      Invite
    </Button>
  )
  const all = members.data?.pages.flatMap((p) => p.data) ?? []
  const rows = all.filter((m) => matches(m, search.q))
  return (
    <>
      <PageHeader title="Members" about="People of this organisation and what they may do." actions={invite}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <SearchInput label={invitations ? 'Search invitations' : 'Search members'} value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="max-w-md min-w-48 flex-1" />
          {can('members:read') && (
            <Segments
              label="What to list"
              value={search.view ?? 'members'}
              onChange={(view) => set({ view: view === 'members' ? undefined : view, member: undefined })}
              options={[
                { value: 'members', label: 'Members' },
                { value: 'invitations', label: 'Invitations' },
              ]}
            />
          )}
        </div>
      </PageHeader>
      {invitations ? (
        <Invitations q={search.q} action={invite} />
      ) : (
        <Loaded of={members} lines={8} within="page">
          {() => (
            <>
              <Table
                label="Members"
                tall
                columns={columns({ self: member_id, write: can('members:write'), owners: can('owners:write'), onToggle: toggle, onRemove: setRemoving })}
                rows={rows}
                rowKey={(m) => m.id}
                sort={search.sort}
                onSort={(sort) => set({ sort })}
                onOpen={(m) => show({ member: m.id })}
                onEnd={search.q ? undefined : nextPage(members)}
                empty={
                  search.q ? (
                    <EmptyState title="No member matches" />
                  ) : (
                    <EmptyState icon={UserPlus} title="No members" action={invite}>
                      Whoever is invited and accepts is a member.
                    </EmptyState>
                  )
                }
              />
              {search.q && <SearchMore of={members} searched={plural(all.length, 'member')} />}
            </>
          )}
        </Loaded>
      )}
      <MemberSheet subject={all.find((m) => m.id === search.member) ?? null} onClose={() => show({ member: undefined })} />
      <InviteSheet
        open={search.form === 'invite' && can('members:write')}
        onClose={() => show({ form: undefined })}
        onMade={(made) => {
          show({ form: undefined, view: 'invitations' })
          setInvited(made)
        }}
      />
      <InviteLink made={invited} onClose={() => setInvited(null)} />
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Remove ${removing && nameOf(removing)}?`}
        action="Remove member"
        type={removing?.email}
        onConfirm={async () => {
          if (!removing) return
          await remove(removing.id)
          toast(`${nameOf(removing)} is removed`)
        }}
      >
        The member leaves every workspace, and the member’s keys stop working. This cannot be undone; disabling can.
      </Confirm>
    </>
  )
}

function matches(m: Member, q = ''): boolean {
  const text = `${nameOf(m)} ${m.email} ${m.member_role}`.toLowerCase()
  return q.toLowerCase().split(/\s+/).every((w) => text.includes(w))
}

type Actions = { self: string; write: boolean; owners: boolean; onToggle: (m: Member) => void; onRemove: (m: Member) => void }

function columns(a: Actions): Column<Member>[] {
  const mayChange = (m: Member) => m.id !== a.self && (a.owners || m.member_role !== 'owner')
  return [
    {
      id: 'name',
      name: 'Name',
      width: 'minmax(9rem, 2fr)',
      sort: nameOf,
      cell: (m) => (
        <>
          <div className="flex items-center gap-2">
            <span className="truncate font-medium">{nameOf(m)}</span>
            {m.id === a.self && <Badge tone="accent">you</Badge>}
          </div>
          <div className="truncate text-xs text-muted">{m.email}</div>
        </>
      ),
    },
    { id: 'role', name: 'Role', width: 'minmax(5.5rem, 1fr)', sort: (m) => m.member_role, cell: (m) => roleLabel(m.member_role) },
    { id: 'status', name: 'Status', width: '6rem', sort: (m) => Number(m.disabled), cell: (m) => (m.disabled ? <Badge tone="warn">disabled</Badge> : <Badge tone="good">active</Badge>) },
    ...(a.write ? [{ id: 'actions', name: '', width: '2.5rem', cell: (m: Member) => mayChange(m) && <MemberMenu of={m} actions={a} /> }] : []),
  ]
}

function MemberMenu({ of: m, actions: a }: { of: Member; actions: Actions }) {
  return (
    <Menu trigger={<IconButton icon={MoreHorizontal} small tooltip={false} label={`Actions on ${nameOf(m)}`} />}>
      <MenuItem icon={m.disabled ? Play : Pause} onSelect={() => a.onToggle(m)}>
        {m.disabled ? 'Enable' : 'Disable'}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} danger onSelect={() => a.onRemove(m)}>
        Remove
      </MenuItem>
    </Menu>
  )
}

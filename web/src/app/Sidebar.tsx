import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { spell } from '@/lib/hotkeys'
import { useSession } from '@/lib/session'
import { workspacesQuery } from '@/lib/queries'
import { Kbd } from '@/ui/Badge'
import { Select } from '@/ui/Select'
import { AccountMenu } from './AccountMenu'
import { isFor, nav } from './nav'
import { OrganizationMenu } from './OrganizationMenu'
import { allWorkspaces, useWorkspace } from './workspace'

/** The navigation, with where one is above it and who one is below. */
export function Sidebar({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const session = useSession()
  const entries = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (s) => s.resolvedLocation?.pathname })
  useEffect(() => {
    void entries.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest' })
  }, [path])
  return (
    <div className="flex h-full flex-col bg-surface">
      <div className="flex flex-col gap-1.5 p-2.5">
        <OrganizationMenu />
        <button type="button" onClick={onSearch} className="flex h-(--control) items-center gap-2 rounded-md border border-line bg-page px-2.5 text-sm text-muted hover:bg-hover">
          <Search className="size-4" aria-hidden />
          <span className="flex-1 text-left">Search</span>
          <span className="hidden gap-0.5 md:flex" aria-hidden>
            {spell('mod+k').map((k) => (
              <Kbd key={k}>{k}</Kbd>
            ))}
          </span>
        </button>
        {session.can('rules:read') && <WorkspaceFilter path={path} />}
      </div>
      <nav ref={entries} aria-label="Pages" className="min-h-0 flex-1 overflow-y-auto mask-b-from-[calc(100%-1.5rem)] px-2.5 pb-6">
        {nav.map(({ group, entries }) => {
          const shown = entries.filter((e) => isFor(e, session))
          if (shown.length === 0) return null
          return (
            <div key={group} className="mt-3">
              <h2 className="px-2 pb-1 text-xs font-medium text-muted">{group}</h2>
              <ul className="flex flex-col gap-px">
                {shown.map(({ to, label, icon: Icon }) => (
                  <li key={to}>
                    <Link
                      to={to}
                      className="flex h-(--control-small) scroll-my-6 items-center gap-2.5 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink"
                      activeProps={{ className: 'bg-chosen! text-ink! font-medium' }}
                    >
                      <Icon className="size-4 shrink-0" aria-hidden />
                      {label}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          )
        })}
      </nav>
      <div className="border-t border-line p-2.5">
        <AccountMenu onHelp={onHelp} />
      </div>
    </div>
  )
}

/** Which workspace the page shows, or all where it can; it is not there while there is only one. */
function WorkspaceFilter({ path }: { path: string | undefined }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { workspace: slug } = useSearch({ from: '/shell' })
  const [workspace, setWorkspace] = useWorkspace()
  if (workspaces.length < 2) return null
  const whole = nav.some(({ entries }) => entries.some((e) => e.whole && e.to === path))
  const all = whole ? [{ value: allWorkspaces, label: 'All workspaces' }] : []
  return (
    <Select
      small
      aria-label="Workspace"
      value={whole && slug === allWorkspaces ? slug : (workspace?.slug ?? '')}
      onChange={setWorkspace}
      options={[...all, ...workspaces.map((w) => ({ value: w.slug, label: w.name }))]}
    />
  )
}

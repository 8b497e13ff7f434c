import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Menu as MenuIcon, Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { focusSearch, type Hotkey, useHotkeys } from '@/lib/hotkeys'
import { useSession } from '@/lib/session'
import { IconButton } from '@/ui/Button'
import { Sheet } from '@/ui/Dialog'
import { CommandPalette } from './CommandPalette'
import { HotkeyHelp } from './HotkeyHelp'
import { isFor, nav } from './nav'
import { Sidebar } from './Sidebar'

/** The frame around the pages: navigation beside them, on a phone behind a button. */
export function Shell() {
  const { demo } = useSession()
  const [palette, setPalette] = useState(false)
  const [help, setHelp] = useState(false)
  const [drawer, setDrawer] = useState(false)
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (s) => s.location.pathname })
  useEffect(() => setDrawer(false), [path])

  const hotkeys = useShellHotkeys(() => setPalette(true), () => setHelp(true))
  useHotkeys(hotkeys)
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        onClick={(e) => {
          e.preventDefault()
          main.current?.focus()
        }}
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-floating"
      >
        Skip to the page
      </a>
      <aside aria-label="Navigation" className="hidden w-58 shrink-0 border-r border-line md:block">
        <Sidebar onSearch={() => setPalette(true)} onHelp={() => setHelp(true)} />
      </aside>
      <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-surface px-2 md:hidden">
        <IconButton icon={MenuIcon} label="Open navigation" tooltip={false} onClick={() => setDrawer(true)} />
        <span className="flex-1 truncate font-semibold">Dragoman</span>
        <IconButton icon={Search} label="Search" tooltip={false} onClick={() => setPalette(true)} />
      </header>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {demo && <DemoBanner />}
        <main ref={main} id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Sheet open={drawer} onOpenChange={setDrawer} title="Navigation" side="left" bare>
        <Sidebar onSearch={() => setPalette(true)} onHelp={() => setHelp(true)} />
      </Sheet>
      <CommandPalette open={palette} onOpenChange={setPalette} onHelp={() => setHelp(true)} />
      <HotkeyHelp open={help} onOpenChange={setHelp} hotkeys={hotkeys} />
    </div>
  )
}

function useShellHotkeys(palette: () => void, help: () => void): Hotkey[] {
  const session = useSession()
  const navigate = useNavigate()
  const pages = nav.flatMap((g) => g.entries).filter((e) => isFor(e, session))
  return [
    { keys: 'mod+k', label: 'Search and commands', run: palette },
    { keys: '/', label: 'Search on this page', run: focusSearch },
    { keys: '?', label: 'Keyboard shortcuts', run: help },
    ...pages.map((e) => ({ keys: e.keys, label: `Go to ${e.label}`, run: () => void navigate({ to: e.to }) })),
    { keys: 'g s', label: 'Go to Settings', run: () => void navigate({ to: '/settings' }) },
  ]
}

function DemoBanner() {
  const { can } = useSession()
  return (
    <aside aria-label="Demo" className="shrink-0 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <strong className="font-semibold">Demo.</strong> Simulated providers answer.{' '}
      {can('rules:write') ? (
        <>
          <Link to="/byok" search={{ credential: 'new' }} className="underline underline-offset-2">
            Add a provider’s key
          </Link>{' '}
          for real ones.
        </>
      ) : (
        'A provider’s key makes real ones answer.'
      )}
    </aside>
  )
}

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Boxes, Keyboard, LogOut, type LucideIcon, Settings, SunMoon } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { setAppearance } from '@/lib/appearance'
import { spell } from '@/lib/hotkeys'
import { modelsQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Kbd } from '@/ui/Badge'
import { densities, themes, useSignOut } from './AccountMenu'
import { isFor, nav } from './nav'

type Props = { open: boolean; onOpenChange: (open: boolean) => void; onHelp: () => void }

/** Goes anywhere and does anything by typing. */
export function CommandPalette({ open, onOpenChange, onHelp }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-40 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 animate-rise-in overflow-hidden rounded-xl border border-line bg-raised shadow-floating"
        >
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <Commands close={() => onOpenChange(false)} onHelp={onHelp} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Commands({ close, onHelp }: { close: () => void; onHelp: () => void }) {
  const session = useSession()
  const navigate = useNavigate()
  const signOut = useSignOut()
  const { data: models = [] } = useQuery(modelsQuery())
  const pages = nav.flatMap((g) => g.entries).filter((e) => isFor(e, session))
  const then = (run: () => void) => () => {
    close()
    run()
  }
  return (
    <Command label="Search and commands" loop>
      <Command.Input placeholder="Search pages, models, commands" className="h-12 w-full border-b border-line bg-transparent px-4 text-lg outline-none" />
      <Command.List className="max-h-[min(24rem,60dvh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-sm text-muted">Nothing matches</Command.Empty>
        <Group heading="Go to">
          {pages.map((e) => (
            <Item key={e.to} icon={e.icon} keys={e.keys} onSelect={then(() => void navigate({ to: e.to }))}>
              {e.label}
            </Item>
          ))}
          <Item icon={Settings} keys="g s" onSelect={then(() => void navigate({ to: '/settings' }))}>
            Settings
          </Item>
        </Group>
        <Group heading="Models">
          {models.map((m) => {
            const [author = '', slug = ''] = m.id.split('/')
            return (
              <Item key={m.id} icon={Boxes} value={`${m.name} ${m.id}`} note={m.id} onSelect={then(() => void navigate({ to: '/models/$author/$slug', params: { author, slug } }))}>
                {m.name}
              </Item>
            )
          })}
        </Group>
        <Group heading="Commands">
          {themes.map((t) => (
            <Item key={t.value} icon={SunMoon} onSelect={then(() => setAppearance({ theme: t.value }))}>
              {`Theme: ${t.label.toLowerCase()}`}
            </Item>
          ))}
          {densities.map((d) => (
            <Item key={d.value} icon={SunMoon} onSelect={then(() => setAppearance({ density: d.value }))}>
              {`Density: ${d.label.toLowerCase()}`}
            </Item>
          ))}
          <Item icon={Keyboard} keys="?" onSelect={then(onHelp)}>
            Keyboard shortcuts
          </Item>
          <Item icon={LogOut} onSelect={then(() => signOut.mutate())}>
            Sign out
          </Item>
        </Group>
      </Command.List>
    </Command>
  )
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group heading={heading} className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted">
      {children}
    </Command.Group>
  )
}

function Item(props: { icon: LucideIcon; onSelect: () => void; children: string; value?: string; keys?: string; note?: string }) {
  const { icon: Icon } = props
  return (
    <Command.Item value={props.value} onSelect={props.onSelect} className="flex min-h-9 items-center gap-3 rounded-md px-2.5 data-[selected=true]:bg-hover">
      <Icon className="size-4 shrink-0 text-muted" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{props.children}</span>
      {props.note && <span className="truncate text-xs text-muted">{props.note}</span>}
      {props.keys && (
        <span className="hidden gap-0.5 md:flex" aria-hidden>
          {spell(props.keys).map((k, i) => (
            <Kbd key={i}>{k}</Kbd>
          ))}
        </span>
      )}
    </Command.Item>
  )
}

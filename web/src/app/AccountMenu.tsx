import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, Keyboard, LogOut, Settings } from 'lucide-react'
import { api, ask, messageOf } from '@/lib/api'
import { type Density, setAppearance, type Theme, useAppearance } from '@/lib/appearance'
import { useSession } from '@/lib/session'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { useLeave } from './leave'

export const themes: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export const densities: readonly { value: Density; label: string }[] = [
  { value: 'comfortable', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
]

/** Signs out, and goes where one signs in. */
export function useSignOut() {
  const leave = useLeave()
  return useMutation({
    mutationFn: () => ask(api.DELETE('/session')),
    onSuccess: () => leave('/signin'),
    onError: (e) => toast(messageOf(e), { bad: true }),
  })
}

/** Who one is, how it looks, and out. */
export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const { person, organization } = useSession()
  const { theme, density } = useAppearance()
  const navigate = useNavigate()
  const signOut = useSignOut()
  return (
    <Menu
      align="start"
      side="top"
      className="w-56"
      trigger={
        <button type="button" className="flex w-full items-center gap-2.5 rounded-md px-1.5 py-1 text-left hover:bg-hover">
          <span aria-hidden className="grid size-7 shrink-0 place-items-center rounded-full bg-chosen text-xs font-semibold text-accent-strong uppercase">
            {(person.name || person.email).slice(0, 1)}
          </span>
          <span className="min-w-0 flex-1 text-sm leading-tight">
            <span className="block truncate font-medium">
              <span className="sr-only">Account of </span>
              {person.name || person.email}
            </span>
            <span className="block truncate text-xs text-muted">{organization.role}</span>
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-muted" aria-hidden />
        </button>
      }
    >
      <MenuItem icon={Settings} onSelect={() => void navigate({ to: '/settings' })}>
        Settings
      </MenuItem>
      <MenuItem icon={Keyboard} onSelect={onHelp}>
        Keyboard shortcuts
      </MenuItem>
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} onChange={(t) => setAppearance({ theme: t })} options={themes} />
      <MenuChoice label="Density" value={density} onChange={(d) => setAppearance({ density: d })} options={densities} />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => signOut.mutate()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}

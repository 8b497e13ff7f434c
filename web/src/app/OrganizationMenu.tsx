import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Building2, ChevronsUpDown } from 'lucide-react'
import { api, ask, messageOf } from '@/lib/api'
import { useSession } from '@/lib/session'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { Logo } from './Logo'
import { useLeave } from './leave'

/** Where one is: its settings, and the other organisations one has a place in. */
export function OrganizationMenu() {
  const { organization, organizations } = useSession()
  const leave = useLeave()
  const navigate = useNavigate()
  const change = useMutation({
    mutationFn: (id: string) => ask(api.PATCH('/session', { body: { organization: id } })),
    onSuccess: () => leave('/'),
    onError: (e) => toast(messageOf(e), { bad: true }),
  })
  const name = (
    <>
      <Logo />
      <span className="min-w-0 flex-1 truncate text-left font-semibold">
        <span className="sr-only">Organisation </span>
        {organization.name}
      </span>
    </>
  )
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="flex h-(--control) items-center gap-2.5 rounded-md px-1.5 hover:bg-hover">
          {name}
          <ChevronsUpDown className="size-4 text-muted" aria-hidden />
        </button>
      }
    >
      {organizations.length > 1 && (
        <>
          <MenuChoice value={organization.id} onChange={(id) => change.mutate(id)} label="Organisations" options={organizations.map((o) => ({ value: o.id, label: o.name }))} />
          <MenuSeparator />
        </>
      )}
      <MenuItem icon={Building2} onSelect={() => void navigate({ to: '/organization' })}>
        Organisation settings
      </MenuItem>
    </Menu>
  )
}

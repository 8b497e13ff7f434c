import { useMutation } from '@tanstack/react-query'
import { ChevronsUpDown } from 'lucide-react'
import { api, ask, messageOf } from '@/lib/api'
import { useSession } from '@/lib/session'
import { Menu, MenuChoice } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { Logo } from './Logo'
import { useLeave } from './leave'

/** Where one is; a menu where one has a place in more than one organisation. */
export function OrganizationMenu() {
  const { organization, organizations } = useSession()
  const leave = useLeave()
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
  if (organizations.length < 2) return <div className="flex h-(--control) items-center gap-2.5 px-1.5">{name}</div>
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
      <MenuChoice value={organization.id} onChange={(id) => change.mutate(id)} label="Organisations" options={organizations.map((o) => ({ value: o.id, label: o.name }))} />
    </Menu>
  )
}

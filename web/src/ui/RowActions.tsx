import { MoreHorizontal, Pause, Pencil, Play, Trash2 } from 'lucide-react'
import { Button, IconButton } from './Button'
import { Menu, MenuItem, MenuSeparator } from './Menu'
import { attempt } from './Toast'

type Props = {
  name: string
  test: () => void
  testing: boolean
  enabled: boolean
  /** Switches it on or off; that can be undone. */
  change: (enabled: boolean) => Promise<unknown>
  editLabel?: string
  onEdit: () => void
  onRemove: () => void
}

/** What can be done with something that the gateway calls elsewhere: a test, and the rest in a menu. */
export function RowActions({ name, test, testing, enabled, change, editLabel = 'Edit', onEdit, onRemove }: Props) {
  const turn = () => void attempt(() => change(!enabled), `${name} is ${enabled ? 'disabled' : 'enabled'}`, () => change(enabled))
  return (
    <div className="flex shrink-0 items-center gap-1">
      <Button small aria-label={`Test ${name}`} busy={testing} onClick={test}>
        Test
      </Button>
      <Menu trigger={<IconButton icon={MoreHorizontal} small tooltip={false} label={`Actions on ${name}`} />}>
        <MenuItem icon={Pencil} onSelect={onEdit}>
          {editLabel}
        </MenuItem>
        <MenuItem icon={enabled ? Pause : Play} onSelect={turn}>
          {enabled ? 'Disable' : 'Enable'}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={Trash2} danger onSelect={onRemove}>
          Delete
        </MenuItem>
      </Menu>
    </div>
  )
}

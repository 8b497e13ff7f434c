import { type Hotkey, spell } from '@/lib/hotkeys'
import { Kbd } from '@/ui/Badge'
import { Dialog } from '@/ui/Dialog'

/** All keys of the frame. */
export function HotkeyHelp({ open, onOpenChange, hotkeys }: { open: boolean; onOpenChange: (open: boolean) => void; hotkeys: readonly Hotkey[] }) {
  return (
    <Dialog wide open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" description="In tables, the arrow keys, or J and K, move between rows and Enter opens one.">
      <ul tabIndex={0} aria-label="Shortcuts" className="gap-x-10 sm:columns-2">
        {hotkeys.map((h) => (
          <li key={h.keys} className="flex break-inside-avoid items-center justify-between gap-4 border-b border-line py-1.5 last:border-0">
            {h.label}
            <span className="flex gap-1">
              {spell(h.keys).map((k, i) => (
                <Kbd key={i}>{k}</Kbd>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

import { Button } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { Dialog } from '@/ui/Dialog'
import { Note } from '@/ui/Panel'

export type Invited = { email: string; url: string }

/** The link of an invitation, for the only time. */
export function InviteLink({ made, onClose }: { made: Invited | null; onClose: () => void }) {
  if (!made) return null
  return (
    <Dialog
      open
      keep
      onOpenChange={onClose}
      title={`Send this to ${made.email}`}
      actions={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <Note kind="warn">This is the only time the link is shown. Whoever has it can accept in the name of this address.</Note>
      <Code text={made.url} label="Link" />
    </Dialog>
  )
}

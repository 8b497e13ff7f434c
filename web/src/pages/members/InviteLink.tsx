import { Once } from '@/ui/Once'

export type Invited = { email: string; url: string }

/** The link of an invitation, for the only time. */
export function InviteLink({ made, onClose }: { made: Invited | null; onClose: () => void }) {
  return (
    <Once title={`Send this to ${made?.email}`} text={made?.url ?? null} label="Link" onClose={onClose}>
      This is the only time the link is shown. Whoever has it can accept in the name of this address.
    </Once>
  )
}

import { sample } from '@/lib/samples'
import { Button } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { Dialog } from '@/ui/Dialog'
import { Note } from '@/ui/Panel'

export type Plaintext = { name: string; key: string; management: boolean }

/** The plaintext of a key, for the only time. */
export function ShownOnce({ made, onClose }: { made: Plaintext | null; onClose: () => void }) {
  if (!made) return null
  return (
    <Dialog
      open
      keep
      onOpenChange={onClose}
      title={`Copy the key “${made.name}”`}
      actions={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <Note kind="warn">This is the only time it is shown. Only its hash is kept.</Note>
      <Code text={made.key} label="Key" />
      {!made.management && (
        <details>
          <summary className="w-fit text-sm text-muted hover:text-ink">Try it</summary>
          <Code className="mt-2" text={`export DRAGOMAN_KEY=${made.key}\n${sample('curl', { model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hello!' }] })}`} label="Sample" />
        </details>
      )}
    </Dialog>
  )
}

import { sample } from '@/lib/samples'
import { Code } from '@/ui/Code'
import { Once } from '@/ui/Once'

export type Plaintext = { name: string; key: string; management: boolean }

/** The plaintext of a key, for the only time. */
export function ShownOnce({ made, onClose }: { made: Plaintext | null; onClose: () => void }) {
  return (
    <Once title={`Copy the key “${made?.name}”`} text={made?.key ?? null} label="Key" onClose={onClose} below={made && !made.management && <TryIt plain={made.key} />}>
      This is the only time it is shown. Only its hash is kept.
    </Once>
  )
}

function TryIt({ plain }: { plain: string }) {
  return (
    <details>
      <summary className="w-fit text-sm text-muted hover:text-ink">Try it</summary>
      <Code className="mt-2" text={`export DRAGOMAN_KEY=${plain}\n${sample('curl', { model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hello!' }] })}`} label="Sample" />
    </details>
  )
}

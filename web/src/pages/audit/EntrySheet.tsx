import { exactTime } from '@/lib/format'
import { Code, CopyButton, Mono } from '@/ui/Code'
import { Sheet } from '@/ui/Dialog'
import { None } from '@/ui/Format'
import { Facts } from '@/ui/Panel'
import type { Entry } from './queries'

/** One entry with all that its hash is made of. */
export function EntrySheet({ subject: e, actor, onClose }: { subject: Entry | null; actor: (id: string) => string; onClose: () => void }) {
  if (!e) return null
  return (
    <Sheet open onOpenChange={onClose} title={e.action} description={exactTime(e.at)}>
      <Facts
        rows={[
          ['Number', String(e.n)],
          ['By', actor(e.actor)],
          ['Actor', <Long key="actor" text={e.actor} label="Copy the actor" />],
          ['From', e.address ?? <None key="address" />],
          ['On', <Long key="target" text={e.target} label="Copy what it was done to" />],
        ]}
      />
      <section>
        <h3 className="mb-2 text-sm font-semibold">What was set</h3>
        <Code text={JSON.stringify(e.detail, null, 2)} label="Detail" />
      </section>
      <section>
        <h3 className="mb-2 text-sm font-semibold">Chain</h3>
        <Facts
          rows={[
            ['Hash', <Long key="hash" text={e.hash} label="Copy the hash" />],
            ['Hash before', <Long key="before" text={e.previous_hash} label="Copy the hash before" />],
          ]}
        />
      </section>
    </Sheet>
  )
}

function Long({ text, label }: { text: string; label: string }) {
  return (
    <span className="flex items-center gap-1">
      <Mono className="truncate">{text}</Mono>
      <CopyButton text={text} label={label} />
    </span>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Download, ShieldCheck, ShieldQuestion, ShieldX } from 'lucide-react'
import { useState } from 'react'
import { download } from '@/lib/csv'
import { count } from '@/lib/format'
import { statement, verify } from '@/lib/receipt'
import { Button } from '@/ui/Button'
import { Note, Panel, Skeleton } from '@/ui/Panel'
import { readReceipt } from './queries'

/** The signed statement of where the request went, and whether its signature holds. */
export function ReceiptPanel({ id }: { id: string }) {
  const [asked, setAsked] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['generation', id, 'receipt'],
    enabled: asked,
    staleTime: Infinity,
    queryFn: async () => {
      const { receipt, key } = await readReceipt(id)
      return { receipt, states: statement(receipt), holds: await verify(receipt, key) }
    },
  })
  return (
    <Panel
      title="Privacy receipt"
      actions={
        data && (
          <Button small icon={Download} onClick={() => download(`receipt-${id}.json`, JSON.stringify(data.receipt, null, 2), 'application/json')}>
            Save
          </Button>
        )
      }
    >
      {error ? (
        <Note kind="bad">{error.message}</Note>
      ) : data ? (
        <div className="flex flex-col gap-3 text-sm">
          <Verdict holds={data.holds} />
          <ul className="flex flex-col gap-2">
            {data.states.egress.map((e, i) => (
              <li key={i}>
                <div className="font-medium break-all">{e.host}</div>
                <div className="num text-muted">
                  {[e.provider, e.region, `${count(e.sent_bytes)} bytes out`, `${count(e.received_bytes)} in`, e.status].filter(Boolean).join(' · ')}
                </div>
                {e.declared && (
                  <div className="text-muted">
                    Declared: trains {e.declared.trains}, retains {e.declared.retains}, publishes {e.declared.publishes}
                  </div>
                )}
              </li>
            ))}
          </ul>
          <p className="text-muted">The gateway kept {data.states.stored.content ? 'the record and the content, sealed' : 'the record, no content'}.</p>
        </div>
      ) : asked ? (
        <Skeleton className="h-16 w-full" />
      ) : (
        <div className="flex flex-col items-start gap-3 text-sm">
          <p className="text-muted">A signed statement of every host that got something of the request, under which policy.</p>
          <Button icon={ShieldCheck} onClick={() => setAsked(true)}>
            Verify
          </Button>
        </div>
      )}
    </Panel>
  )
}

function Verdict({ holds }: { holds: boolean | undefined }) {
  if (holds === undefined) {
    return (
      <p className="flex items-start gap-2 text-warn">
        <ShieldQuestion className="size-4.5 shrink-0" aria-hidden />
        This browser cannot verify it here. Save it, and use dragoman receipt verify.
      </p>
    )
  }
  return holds ? (
    <p className="flex items-center gap-2 font-medium text-good">
      <ShieldCheck className="size-4.5" aria-hidden />
      The signature is this gateway’s
    </p>
  ) : (
    <p className="flex items-center gap-2 font-medium text-bad">
      <ShieldX className="size-4.5" aria-hidden />
      The signature is not this gateway’s
    </p>
  )
}

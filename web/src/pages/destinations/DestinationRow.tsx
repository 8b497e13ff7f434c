import { useMutation } from '@tanstack/react-query'
import { messageOf } from '@/lib/api'
import { count, percent, plural } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { Time } from '@/ui/Format'
import { RowActions } from '@/ui/RowActions'
import { toast } from '@/ui/Toast'
import { type Destination, useDestinationActions } from './queries'
import { typeName } from './types'

type Props = { of: Destination; write: boolean; onEdit: () => void; onRemove: () => void }

/** A destination: what it gets, how it was told, and what can be done with it. */
export function DestinationRow({ of: d, write, onEdit, onRemove }: Props) {
  const { change, test } = useDestinationActions()
  const tried = useMutation({
    mutationFn: () => test(d.id),
    onSuccess: ({ ok, error }) => toast(ok ? `${d.name} takes what it is sent` : `${d.name}: ${error ?? 'it did not take the test'}`, { bad: !ok }),
    onError: (e) => toast(messageOf(e), { bad: true }),
  })
  return (
    <li className="flex items-start gap-2 border-t border-line px-4 py-3 first:border-0">
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{d.name}</span>
          <span className="text-sm text-muted">{typeName(d.type)}</span>
          {!d.enabled && <Badge tone="warn">disabled</Badge>}
          {tried.data?.ok && <Badge tone="good">works</Badge>}
        </div>
        <p className="text-xs text-muted">{whatItGets(d)}</p>
        <p className="text-xs text-muted">
          {d.delivery ? (
            <>
              {plural(d.delivery.sent, 'request')} told
              {d.delivery.dropped > 0 && `, ${count(d.delivery.dropped)} dropped`} since the gateway began; last call <Time at={d.delivery.last_call_at} />
            </>
          ) : (
            'told of nothing since the gateway began'
          )}
        </p>
        {d.last_error && (
          <p className="mt-1 text-sm break-words text-bad">
            The last call failed: {d.last_error.message} <span className="text-muted">(<Time at={d.last_error.at} />)</span>
          </p>
        )}
      </div>
      {write && <RowActions name={d.name} test={() => tried.mutate()} testing={tried.isPending} enabled={d.enabled} change={(enabled) => change(d.id, { enabled })} onEdit={onEdit} onRemove={onRemove} />}
    </li>
  )
}

function whatItGets(d: Destination): string {
  const parts = [d.sampling_rate < 1 ? `${percent(d.sampling_rate * 100)} of requests` : 'every request']
  if (d.api_key_hashes) parts.push(`of ${plural(d.api_key_hashes.length, 'key')}`)
  if (d.filter_rules?.groups.length && d.filter_rules.enabled !== false) parts.push('that its rules choose')
  const along = [
    d.privacy_mode ? 'never prompts and answers' : '',
    d.broadcast_generation_cost ? 'cost' : '',
    d.broadcast_generation_identity ? 'key, member and user' : '',
    d.broadcast_generation_request_context ? 'app and origin' : '',
  ].filter(Boolean)
  return parts.join(' ') + (along.length ? `; ${along.join(', ')}` : '')
}

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, ask, messageOf } from '@/lib/api'
import { browserOf } from '@/lib/browser'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Time } from '@/ui/Format'
import { ErrorState, Panel, SkeletonLines } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { toast } from '@/ui/Toast'
import { type SignedIn, sessionsQuery, useRefreshMe } from './me'

export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery)
  const refresh = useRefreshMe()
  const end = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/me/sessions/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      await refresh()
      toast('The session has ended')
    },
    onError: (e) => toast(messageOf(e), { bad: true }),
  })
  const columns: Column<SignedIn>[] = [
    {
      id: 'where',
      name: 'Browser',
      width: '1fr',
      cell: (s) => (
        <span className="flex items-center gap-2">
          <span className="truncate" title={s.user_agent ?? undefined}>
            {browserOf(s.user_agent ?? '')}
          </span>
          {s.current && <Badge tone="accent">this one</Badge>}
        </span>
      ),
    },
    { id: 'address', name: 'Address', width: '9rem', cell: (s) => s.address ?? '', from: 'md' },
    { id: 'since', name: 'Signed in', width: '8rem', cell: (s) => <Time at={s.created_at} />, from: 'md' },
    { id: 'used', name: 'Last used', width: '8rem', cell: (s) => <Time at={s.last_used_at} /> },
    {
      id: 'end',
      name: '',
      width: '5rem',
      align: 'right',
      cell: (s) =>
        !s.current && (
          <Button small kind="quiet" busy={end.isPending && end.variables === s.id} onClick={() => end.mutate(s.id)}>
            End
          </Button>
        ),
    },
  ]
  return (
    <Panel title="Where you are signed in" flush>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <PlainTable label="Sessions" columns={columns} rows={data} rowKey={(s) => s.id} />
      ) : (
        <div className="p-4">
          <SkeletonLines lines={3} />
        </div>
      )}
    </Panel>
  )
}

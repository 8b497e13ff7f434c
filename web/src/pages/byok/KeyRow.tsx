import { useMutation, useQuery } from '@tanstack/react-query'
import { GripVertical } from 'lucide-react'
import type { ComponentProps } from 'react'
import { messageOf } from '@/lib/api'
import { ago } from '@/lib/format'
import { workspacesQuery } from '@/lib/queries'
import { Badge } from '@/ui/Badge'
import { IconButton } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { RowActions } from '@/ui/RowActions'
import { toast } from '@/ui/Toast'
import { type Credential, useCredentialActions } from './queries'

type Props = { of: Credential; write: boolean; drag: ComponentProps<'li'>; onStep: (by: 1 | -1) => void; onEdit: () => void; onRemove: () => void }

export function KeyRow({ of: c, write, drag, onStep, onEdit, onRemove }: Props) {
  const { change, test } = useCredentialActions()
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const name = c.name || c.label
  const tried = useMutation({ mutationFn: () => test(c.id), onError: (e) => toast(messageOf(e), { bad: true }) })
  const where = c.workspace_id ? (workspaces.find((w) => w.id === c.workspace_id)?.name ?? c.workspace_id) : 'every workspace'
  return (
    <li {...drag} className={cx('flex items-start gap-2 border-t border-line px-2 py-2.5 first:border-0', drag.className)}>
      {write && (
        <IconButton
          icon={GripVertical}
          small
          tooltip={false}
          label={`Move ${name}; arrow keys move it up and down`}
          className="cursor-grab"
          onKeyDown={(e) => {
            const by = ({ ArrowUp: -1, ArrowDown: 1 } as const)[e.key as 'ArrowUp' | 'ArrowDown']
            if (!by) return
            e.preventDefault()
            onStep(by)
          }}
        />
      )}
      <div className="min-w-0 flex-1 py-0.5 pl-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{name}</span>
          {c.name && <code className="font-mono text-xs text-muted">{c.label}</code>}
          {c.disabled && <Badge tone="warn">disabled</Badge>}
          {(c.is_required || c.is_byok_only) && <Badge tone="accent">{c.is_byok_only ? 'only this' : 'always this'}</Badge>}
          {c.declared_zdr && <Badge>keeps nothing</Badge>}
          {tried.data?.ok && <Badge tone="good">works</Badge>}
        </div>
        <p className="text-xs text-muted">
          {where}
          {c.allowed_models?.length ? `, ${c.allowed_models.join(', ')}` : ''}
        </p>
        {c.last_error && (
          <p className="mt-1 text-sm break-words text-bad">
            {c.last_error.message} <span className="text-muted">({ago(c.last_error.at)})</span>
          </p>
        )}
      </div>
      {write && <RowActions name={name} test={() => tried.mutate()} testing={tried.isPending} enabled={!c.disabled} change={(on) => change(c.id, { disabled: !on })} editLabel="Edit or replace" onEdit={onEdit} onRemove={onRemove} />}
    </li>
  )
}

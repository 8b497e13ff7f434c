import { useMutation, useQuery } from '@tanstack/react-query'
import { Eye, EyeOff, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '@/lib/api'
import { workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { Confirm } from '@/ui/Dialog'
import { Badge } from '@/ui/Badge'
import { Note, Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { deleteContent, type Generation, readContent } from './queries'

/** What was said and answered, where the workspace keeps it: behind a button, since each look is recorded. */
export function Content({ of: g }: { of: Generation }) {
  const { can } = useSession()
  const { data: workspaces } = useQuery({ ...workspacesQuery, enabled: can('rules:read') })
  const look = useMutation({ mutationFn: () => readContent(g.id) })
  const [removing, setRemoving] = useState(false)
  const workspace = workspaces?.find((w) => w.id === g.workspace_id)
  if (!can('contents:read')) return null
  const absent = look.error instanceof ApiError && look.error.status === 404 ? look.error.message : undefined
  return (
    <Panel
      title="Prompt and answer"
      actions={
        look.data && (
          <>
            <Button small kind="quiet" icon={EyeOff} onClick={() => look.reset()}>
              Hide
            </Button>
            <Button small kind="quiet" icon={Trash2} onClick={() => setRemoving(true)}>
              Delete
            </Button>
          </>
        )
      }
    >
      {look.data ? (
        <Said of={look.data} />
      ) : absent ? (
        <p className="text-sm text-muted">{absent}</p>
      ) : (
        <div className="flex flex-col items-start gap-3 text-sm">
          <p className="text-muted">
            {workspace && !workspace.is_observability_io_logging_enabled
              ? `${workspace.name} does not log prompts and answers now. What it logged before may still be kept.`
              : 'Kept sealed, where the workspace logs prompts and answers and the request was in its sample.'}{' '}
            Looking at it makes an entry in the audit log, with your name.
          </p>
          {look.error && <Note kind="bad">{look.error.message}</Note>}
          <Button icon={Eye} busy={look.isPending} onClick={() => look.mutate()}>
            Look at it
          </Button>
        </div>
      )}
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title="Delete the prompt and the answer?"
        action="Delete"
        onConfirm={async () => {
          await deleteContent(g.id)
          look.reset()
          toast('The prompt and the answer are deleted')
        }}
      >
        They cannot be brought back. The record of the request stays.
      </Confirm>
    </Panel>
  )
}

type Message = { role?: unknown; content?: unknown }

function Said({ of: said }: { of: Awaited<ReturnType<typeof readContent>> }) {
  const messages: readonly Message[] = 'messages' in said.input ? (said.input.messages as Message[]) : [{ role: 'prompt', content: said.input.prompt }]
  return (
    <div className="flex flex-col gap-3">
      {said.truncated && <Note kind="warn">Something was too long to be kept whole.</Note>}
      {messages.map((m, i) => (
        <Turn key={i} role={String(m.role ?? 'input')} text={textOf(m.content ?? m)} />
      ))}
      {said.output.reasoning && <Turn role="reasoning" text={said.output.reasoning} />}
      {said.output.completion && <Turn role="answer" text={said.output.completion} />}
      {said.error?.message && <Note kind="bad">{said.error.message}</Note>}
      {said.request && (
        <details>
          <summary className="w-fit text-sm text-muted hover:text-ink">The whole request</summary>
          <Code className="mt-2" label="Request" text={JSON.stringify(said.request, null, 2)} />
        </details>
      )}
    </div>
  )
}

/** One turn. Its text is shown as it is: neither HTML nor Markdown. */
function Turn({ role, text }: { role: string; text: string }) {
  return (
    <div className="rounded-md border border-line">
      <div className="border-b border-line bg-sunken px-3 py-1">
        <Badge tone={role === 'answer' ? 'accent' : 'plain'}>{role}</Badge>
      </div>
      <div tabIndex={0} role="region" aria-label={role} className="max-h-80 overflow-auto px-3 py-2 text-sm break-words whitespace-pre-wrap">
        {text}
      </div>
    </div>
  )
}

/** The text of a message in any dialect; what is not text, such as an image, as JSON. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
  return JSON.stringify(content, null, 2)
}

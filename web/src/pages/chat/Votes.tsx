import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Trophy } from 'lucide-react'
import { useState } from 'react'
import { count, percent, plural } from '@/lib/format'
import type { Model } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { Confirm, Dialog } from '@/ui/Dialog'
import { EmptyState } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { inOrder, nameOf } from './names'
import type { Chat } from './state/chat'
import type { Library } from './state/library'
import { type Column, newId, type Vote } from './state/types'

/** Asks which answer is the best, once all have come, and shows the names after that. */
export function VoteBar({ chat, library, models }: { chat: Chat; library: Library; models: readonly Model[] }) {
  const client = useQueryClient()
  const { blind } = chat.conversation
  if (!blind || blind.revealed || chat.empty) return null
  const columns = inOrder(chat)
  const done = columns.every((c) => {
    const last = c.leaf === null ? undefined : chat.tree.get(c.leaf)
    return last?.role === 'assistant' && last.state !== 'running'
  })
  const vote = async (best: Column | null) => {
    const winner = best?.model ?? null
    chat.setBlind({ ...blind, revealed: true })
    toast(best ? `You chose ${nameOf(chat, best, models)}` : 'You chose none above the others')
    await library.db?.vote({ id: newId(), at: Date.now(), models: columns.map((c) => c.model), winner })
    await client.invalidateQueries({ queryKey: ['chat', 'votes'] })
  }
  return (
    <div role="group" aria-label="Vote" className="flex shrink-0 flex-wrap items-center justify-center gap-2 border-t border-line bg-surface px-4 py-2">
      <span className="text-sm text-muted">{done ? 'Which answer is the best?' : 'Names are hidden until you vote; the answers are still coming.'}</span>
      {done &&
        columns.map((c) => (
          <Button key={c.id} small onClick={() => void vote(c)}>
            {nameOf(chat, c, models).replace('Answer ', '')}
          </Button>
        ))}
      {done && (
        <Button small kind="quiet" onClick={() => void vote(null)}>
          A draw
        </Button>
      )}
    </div>
  )
}

type Score = { model: string; votes: number; wins: number; draws: number }

/** What the votes of this browser say. */
export function VotesDialog({ library, models, onClose }: { library: Library; models: readonly Model[]; onClose: () => void }) {
  const client = useQueryClient()
  const { data: votes = [] } = useQuery({ queryKey: ['chat', 'votes'], queryFn: async () => (await library.db?.votes()) ?? [] })
  const [asking, setAsking] = useState(false)
  const clear = async () => {
    await library.db?.forgetVotes()
    await client.invalidateQueries({ queryKey: ['chat', 'votes'] })
  }
  const name = (id: string) => models.find((m) => m.id === id)?.name ?? id
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Blind votes"
      description={votes.length > 0 ? `${plural(votes.length, 'vote')}, kept in this browser alone.` : undefined}
      actions={votes.length > 0 && <Button onClick={() => setAsking(true)}>Clear</Button>}
    >
      {votes.length === 0 ? (
        <EmptyState icon={Trophy} title="No votes yet">
          Ask two models or more in blind mode, then say whose answer is the best.
        </EmptyState>
      ) : (
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line text-left text-xs text-muted">
              <th className="w-full py-1.5 font-medium">Model</th>
              <th className="py-1.5 pl-6 text-right font-medium">Votes</th>
              <th className="py-1.5 pl-6 text-right font-medium">Wins</th>
              <th className="py-1.5 pl-6 text-right font-medium">Draws</th>
              <th className="py-1.5 pl-6 text-right font-medium">Won</th>
            </tr>
          </thead>
          <tbody>
            {scores(votes).map((s) => (
              <tr key={s.model} className="border-b border-line last:border-0">
                <td className="max-w-0 truncate py-2 pr-3">{name(s.model)}</td>
                <td className="num py-2 text-right">{count(s.votes)}</td>
                <td className="num py-2 text-right">{count(s.wins)}</td>
                <td className="num py-2 text-right">{count(s.draws)}</td>
                <td className="num py-2 text-right">{percent((100 * s.wins) / s.votes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Confirm open={asking} onOpenChange={setAsking} title="Clear all votes?" action="Clear" onConfirm={clear}>
        They are only in this browser, and cannot be brought back.
      </Confirm>
    </Dialog>
  )
}

/** Per model; a vote among two columns of one model says nothing, and counts once. */
function scores(votes: readonly Vote[]): Score[] {
  const by = new Map<string, Score>()
  for (const v of votes) {
    for (const model of new Set(v.models)) {
      const s = by.get(model) ?? { model, votes: 0, wins: 0, draws: 0 }
      by.set(model, { ...s, votes: s.votes + 1, wins: s.wins + (v.winner === model ? 1 : 0), draws: s.draws + (v.winner === null ? 1 : 0) })
    }
  }
  return [...by.values()].sort((a, b) => b.wins / b.votes - a.wins / a.votes || b.votes - a.votes)
}

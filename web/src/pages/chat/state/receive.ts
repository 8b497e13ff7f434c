import { flushSync } from 'react-dom'
import { ApiError, messageOf } from '@/lib/api'
import { type ChatRequest, streamChat } from '@/lib/stream'
import { add } from './answer'
import { drop, frame, soon, turn } from './pacer'
import type { Answer } from './types'

const keepEvery = 3000 // milliseconds, of an answer that still comes
const mostUnseen = 64 * 1024 // characters that are read before they are shown

/**
 * Sends a request and reads its answer into `a`, in place, until it ends, fails or is stopped. `show` is called at most
 * once per frame, and who reads faster than that waits; `keep` every few seconds.
 */
export async function receive(a: Answer, request: ChatRequest, signal: AbortSignal, tell: { show: () => void; keep: () => void }) {
  const start = performance.now()
  let kept = start
  let shown = 0
  const show = () => {
    shown = a.text.length + a.reasoning.length
    flushSync(tell.show) // so that the pacer sees what it costs
  }
  try {
    const stream = await streamChat(request, signal)
    a.generation = stream.generation ?? undefined
    a.provider = stream.provider ?? undefined
    for await (const chunk of stream.chunks) {
      signal.throwIfAborted() // what has come already is not shown either
      const now = performance.now()
      add(a, chunk, now - start)
      soon(a.id, show)
      if (a.text.length + a.reasoning.length - shown > mostUnseen) await frame()
      if (now - kept > keepEvery) {
        kept = now
        tell.keep()
      }
    }
    a.state = 'done'
  } catch (e) {
    a.state = signal.aborted ? 'stopped' : 'failed'
    if (!signal.aborted) a.error = messageOf(e)
    if (e instanceof ApiError) a.generation ??= e.generation
  }
  a.whole = performance.now() - start
  drop(a.id)
  await turn() // answers that end together are finished one after the other
}

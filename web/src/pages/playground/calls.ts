// Requests of the kinds that are no conversation.
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { ApiError, refusalOfModels } from '@/lib/api'

/** What an answer took, with its content. */
export type Outcome<T> = { content: T; ms: number; generation: string | null; provider: string | null; cost?: number; tokens?: number }

type Usage = { cost?: number; prompt_tokens?: number; total_tokens?: number; input_tokens?: number }

/** Sends a request, JSON or a form, and reads its answer by `read`. */
async function send<T>(path: string, body: object | FormData, signal: AbortSignal, read: (response: Response) => Promise<{ content: T; usage?: Usage }>): Promise<Outcome<T>> {
  const start = performance.now()
  const form = body instanceof FormData
  const response = await fetch('/api/v1' + path, { method: 'POST', body: form ? body : JSON.stringify(body), headers: form ? {} : { 'Content-Type': 'application/json' }, signal }).catch((e: unknown) => {
    if (signal.aborted) throw e
    throw new ApiError(0, 'The gateway does not answer; check that it runs and that this browser reaches it')
  })
  if (!response.ok) throw await refusalOfModels(response)
  const { content, usage } = await read(response)
  return {
    content,
    ms: performance.now() - start,
    generation: response.headers.get('X-Generation-Id'),
    provider: response.headers.get('X-Dragoman-Provider'),
    cost: usage?.cost,
    tokens: usage?.total_tokens ?? usage?.prompt_tokens ?? usage?.input_tokens,
  }
}

export type EmbeddingsRequest = { model: string; input: string[]; dimensions?: number }

/** The vectors of texts, in their order. */
export const embed = (request: EmbeddingsRequest, signal: AbortSignal) =>
  send('/embeddings', { ...request, encoding_format: 'float' }, signal, async (r) => {
    const { data, usage } = (await r.json()) as { data: { index: number; embedding: number[] }[]; usage?: Usage }
    return { content: [...data].sort((a, b) => a.index - b.index).map((d) => d.embedding), usage }
  })

export type ImagesRequest = { model: string; prompt: string; n?: number; size?: string }

/** Pictures, as data URLs. */
export const draw = (request: ImagesRequest, signal: AbortSignal) =>
  send('/images', request, signal, async (r) => {
    const { data, usage } = (await r.json()) as { data: { b64_json?: string; media_type?: string }[]; usage?: Usage }
    return { content: data.flatMap((d) => (d.b64_json ? [`data:${mediaTypeOf(d)};base64,${d.b64_json}`] : [])), usage }
  })

function mediaTypeOf({ media_type: type, b64_json: data = '' }: { media_type?: string; b64_json?: string }): string {
  if (type && /^image\/[\w.+-]+$/.test(type)) return type
  if (data.startsWith('/9j/')) return 'image/jpeg'
  return data.startsWith('UklGR') ? 'image/webp' : 'image/png'
}

export type SpeechRequest = { model: string; input: string; voice?: string; response_format: string }

/** A text as sound. */
export const speak = (request: SpeechRequest, signal: AbortSignal) => send('/audio/speech', request, signal, async (r) => ({ content: await r.blob() }))

/** Sound as a text. */
export const transcribe = (model: string, audio: File, signal: AbortSignal) => {
  const form = new FormData()
  form.set('model', model)
  form.set('file', audio)
  return send('/audio/transcriptions', form, signal, async (r) => {
    const { text, usage } = (await r.json()) as { text: string; usage?: Usage }
    return { content: text, usage }
  })
}

/** A request that can be stopped; a new one stops the one before. */
export function useRun<Request, T>(work: (request: Request, signal: AbortSignal) => Promise<Outcome<T>>, onDone?: (outcome: Outcome<T>, request: Request) => void) {
  const control = useRef<AbortController>(null)
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: (request: Request) => {
      control.current?.abort()
      control.current = new AbortController()
      return work(request, control.current.signal)
    },
    onSuccess: onDone,
  })
  const stopped = error instanceof Error && error.name === 'AbortError'
  return { run: (request: Request) => mutate(request), stop: () => control.current?.abort(), outcome: data, error: stopped ? null : error, busy: isPending, reset }
}

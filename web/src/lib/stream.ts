// Streams of chat completions. The format is OpenAI's: lines of server-sent events, each a chunk, the last [DONE].
import { ApiError, refusal, type Schemas, unreached } from './api'

export type ChatChunk = Schemas['ChatChunk']
export type ChatRequest = Schemas['ChatRequest']

/** The answer's headers that say what became of the request, and its chunks. */
export type ChatStream = { generation: string | null; provider: string | null; chunks: AsyncGenerator<ChatChunk> }

/** Sends a conversation and reads the answer as it comes; `signal` ends it. An error in the stream is an ApiError. */
export async function streamChat(request: ChatRequest, signal?: AbortSignal): Promise<ChatStream> {
  const response = await fetch('/api/v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...request, stream: true }),
    signal,
  }).catch(unreached)
  if (!response.ok || !response.body) throw refusal(response, await response.json().catch(() => undefined))
  return { generation: response.headers.get('X-Generation-Id'), provider: response.headers.get('X-Dragoman-Provider'), chunks: chunksOf(response.body) }
}

async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ChatChunk> {
  for await (const data of eventsOf(body)) {
    if (data === '[DONE]') return
    const chunk = JSON.parse(data) as ChatChunk & { error?: { code?: number; message?: string } }
    if (chunk.error) throw new ApiError(Number(chunk.error.code) || 502, chunk.error.message ?? 'The answer broke off')
    yield chunk
  }
  throw new ApiError(0, 'The connection was lost before the answer ended')
}

/** The data of server-sent events; comments, which keep the connection alive, are left out. */
async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim()
    }
  } finally {
    await reader.cancel().catch(() => undefined) // who stops reading stops the request
  }
}

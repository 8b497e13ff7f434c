import { ApiError, refusal } from './api'

/** Calls an operation of signing in and takes the answer out of its envelope; ApiError when it is refused. */
export async function call<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch('/api/v1' + path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch {
    throw new ApiError(0, 'The gateway does not answer; check that it runs and that this browser reaches it')
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw refusal(response, answer)
  const { data = answer } = (answer ?? {}) as { data?: unknown }
  return data as T
}

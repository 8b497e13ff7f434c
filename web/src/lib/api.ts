import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

/** The gateway's own API, typed by its OpenAPI document. Wrap calls in `ask`. */
export const api = createClient<paths>({ baseUrl: '/api/v1', querySerializer: { array: { style: 'form', explode: false } } })

export type Schemas = components['schemas']

/** What the API answered when it refused: its message says what happened and what to do. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The member of the body that is at fault, if one is. */
    readonly param?: string,
    readonly metadata: Record<string, unknown> = {},
    /** Seconds to wait before another try; 0 when nothing was said. */
    readonly retryAfter = 0,
    /** The id of the generation record, where a provider was asked. */
    readonly generation?: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The answer's JSON, or an ApiError. Operations that also have an answer of text give it only to who asks for it. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<Exclude<T, string>> {
  const { data, error, response } = await call.catch(unreached)
  if (!response.ok) throw refusal(response, error)
  return data as Exclude<T, string>
}

/** What a call that got no answer failed with, as an ApiError; one that was ended by its caller stays what it is. */
export function unreached(e: unknown): never {
  if (e instanceof Error && e.name === 'AbortError') throw e
  throw new ApiError(0, 'The gateway does not answer; check that it runs and that this browser reaches it')
}

/** An error answer as an ApiError, whatever its body is. */
export function refusal(response: Response, body: unknown): ApiError {
  const e = (body as { error?: { message?: string; param?: string; metadata?: Record<string, unknown> } } | undefined)?.error
  const message = e?.message ?? `The gateway answered ${response.status} ${response.statusText}`.trim()
  const generation = e?.metadata?.provider_name ? response.headers.get('X-Generation-Id') : null // what went to no provider has no record
  return new ApiError(response.status, message, e?.param, e?.metadata, Number(response.headers.get('Retry-After')) || 0, generation ?? undefined)
}

/** What to tell about any error. */
export function messageOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e)
}

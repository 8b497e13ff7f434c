import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError, api, ask, type Schemas } from './api'

/** Who is signed in, where, and with what rights. */
export type Session = Schemas['Session']

/** What a role permits; the names are the API's. */
export type Permission = Session['permissions'][number]

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return (await ask(api.GET('/session'))).data
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) return null
      throw e
    }
  },
})

/** How one can sign in here, and whether anybody can yet. */
export const signInOptionsQuery = queryOptions({
  queryKey: ['session', 'options'],
  staleTime: 60_000,
  queryFn: async () => (await ask(api.GET('/session/options'))).data,
})

/** The session of a page in the shell: there is one there. */
export function useSession(): Session & { can: (permission: Permission) => boolean } {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data) throw new ApiError(401, 'You are signed out; sign in again')
  return { ...data, can: (p) => data.permissions.includes(p) }
}

/** The API wants the second factor's code before it lets in. */
export function asksForCode(e: unknown): boolean {
  return e instanceof ApiError && e.metadata.next === 'code'
}

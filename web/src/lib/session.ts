import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError, api, ask, type Schemas } from './api'
import { workspacesQuery } from './queries'

/** Who is signed in, where, and with what rights. */
export type Session = Schemas['Session']

/** What a role permits; the names are the API's. */
export type Permission = Session['permissions'][number]

/** The session, or null when nobody is signed in. The workspaces come with it, so that no page waits for them. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 5 * 60_000,
  queryFn: async ({ client }): Promise<Session | null> => {
    try {
      const { data } = await ask(api.GET('/session'))
      if (data.workspaces) client.setQueryData(workspacesQuery.queryKey, data.workspaces)
      return data
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

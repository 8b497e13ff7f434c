import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError } from './api'
import { call } from './call'

/** What a role permits; the names are the API's. */
export type Permission = 'keys:read' | 'keys:write' | 'money:read' | 'money:move' | 'rules:read' | 'rules:write' | 'members:read' | 'members:write' | 'owners:write' | 'audit:read'

export type Place = { id: string; name: string; role: string }

/** Who is signed in, where, and with what rights. */
export type Session = {
  person: { id: string; email: string; name: string; totp: boolean; passkeys: number; has_password: boolean }
  organization: Place
  organizations: Place[]
  member_id: string
  permissions: Permission[]
  created_at: string
  expires_at: string
  demo: boolean
}

/** How one can sign in here, and whether anybody can yet. */
export type SignInOptions = { setup_required: boolean; demo: boolean; password: boolean; passkeys: boolean; oidc: { id: string; name: string }[]; version: string }

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await call<Session>('GET', '/session')
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) return null
      throw e
    }
  },
})

export const signInOptionsQuery = queryOptions({
  queryKey: ['session', 'options'],
  staleTime: 60_000,
  queryFn: () => call<SignInOptions>('GET', '/session/options'),
})

/** The session of a page in the shell: there is one there. */
export function useSession(): Session & { can: (permission: Permission) => boolean } {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data) throw new ApiError(401, 'You are signed out; sign in again')
  return { ...data, can: (p) => data.permissions.includes(p) }
}

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { sessionQuery } from '@/lib/session'

export type Passkey = Schemas['Passkey']
export type SignedIn = Schemas['SignedIn']

export const passkeysQuery = queryOptions({ queryKey: ['me', 'passkeys'], queryFn: async () => (await ask(api.GET('/me/passkeys'))).data })
export const sessionsQuery = queryOptions({ queryKey: ['me', 'sessions'], queryFn: async () => (await ask(api.GET('/me/sessions'))).data })

/** Reads anew what a change of one's own account changes. */
export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true }), client.invalidateQueries({ queryKey: ['me'] })])
  }
}

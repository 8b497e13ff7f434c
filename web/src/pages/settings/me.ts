import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { call } from '@/lib/call'
import { sessionQuery } from '@/lib/session'

export type Passkey = { id: string; name: string; created_at: string; last_used_at: string | null }
export type SignedIn = { id: string; method: string; address: string | null; user_agent: string | null; created_at: string; last_used_at: string; expires_at: string; current: boolean }

export const passkeysQuery = queryOptions({ queryKey: ['me', 'passkeys'], queryFn: () => call<Passkey[]>('GET', '/me/passkeys') })
export const sessionsQuery = queryOptions({ queryKey: ['me', 'sessions'], queryFn: () => call<SignedIn[]>('GET', '/me/sessions') })

/** Reads anew what a change of one's own account changes. */
export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true }), client.invalidateQueries({ queryKey: ['me'] })])
  }
}

import { useQueryClient } from '@tanstack/react-query'
import { api, ask } from '@/lib/api'
import { organizationQuery } from '@/lib/queries'
import { sessionQuery } from '@/lib/session'

export function useOrganizationActions() {
  const client = useQueryClient()
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: organizationQuery.queryKey })
    await client.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true })
  }
  return {
    rename: async (name: string) => {
      await ask(api.PATCH('/organization', { body: { name } }))
      await refresh()
    },
    create: async (name: string, owner_email: string) => {
      const { data } = await ask(api.POST('/organizations', { body: { name, owner_email } }))
      await refresh()
      return data
    },
    goTo: (organization: string) => ask(api.PATCH('/session', { body: { organization } })),
  }
}

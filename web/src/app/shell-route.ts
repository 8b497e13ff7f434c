import { createRoute, redirect, retainSearchParams } from '@tanstack/react-router'
import { type Query, searchOf, text } from '@/lib/search'
import { sessionQuery, signInOptionsQuery } from '@/lib/session'
import { rootRoute } from './root-route'
import { Shell } from './Shell'

/** `workspace` is the workspace that pages show, by slug; it stays when the page changes. */
const search = searchOf((search: Query) => ({ workspace: text(search.workspace) }))

/** What the pages for people who are signed in are below: the frame with navigation. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  validateSearch: search,
  search: { middlewares: [retainSearchParams(['workspace'])] },
  beforeLoad: async ({ context: { client }, location }) => {
    if (await client.ensureQueryData(sessionQuery)) return
    const options = await client.fetchQuery(signInOptionsQuery)
    if (options.setup_required) throw redirect({ to: '/setup' })
    throw redirect({ to: '/signin', search: { to: location.href === '/' ? undefined : location.href } })
  },
})

import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { rootRoute } from '@/app/root-route'
import { oneOf, type Query, searchOf } from '@/lib/search'
import { sessionQuery, signInOptionsQuery } from '@/lib/session'

const search = searchOf((s: Query) => ({ step: oneOf(s.step, ['provider', 'call']) }))

/** The first run: the owner, then a provider's key, then a first answer. */
export const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  staticData: { title: 'Set up' },
  validateSearch: search,
  beforeLoad: async ({ context: { client }, search }) => {
    const [session, options] = await Promise.all([client.ensureQueryData(sessionQuery), client.ensureQueryData(signInOptionsQuery)])
    if (!session && !options.setup_required) throw redirect({ to: '/signin' })
    if (!session && search.step) throw redirect({ to: '/setup', search: {} })
    if (session && !search.step) throw redirect({ to: '/setup', search: { step: 'provider' } })
  },
  component: lazyRouteComponent(() => import('./SetupPage'), 'SetupPage'),
})

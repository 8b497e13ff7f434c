import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { rootRoute } from '@/app/root-route'
import { ownPath } from '@/lib/safe'
import { type Query, searchOf, text } from '@/lib/search'
import { sessionQuery, signInOptionsQuery } from '@/lib/session'

/** `to` is where to go then; `error` is why signing in at a provider failed. */
const search = searchOf((s: Query) => ({ to: text(s.to), error: text(s.error) }))

export const signinRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signin',
  staticData: { title: 'Sign in' },
  validateSearch: search,
  beforeLoad: async ({ context: { client }, search }) => {
    const [session, options] = await Promise.all([client.ensureQueryData(sessionQuery), client.ensureQueryData(signInOptionsQuery)])
    if (session) throw redirect({ href: ownPath(search.to), replace: true })
    if (options.setup_required) throw redirect({ to: '/setup' })
  },
  component: lazyRouteComponent(() => import('./SignInPage'), 'SignInPage'),
})

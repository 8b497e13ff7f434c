import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { rootRoute } from '@/app/root-route'
import { type Query, searchOf, text } from '@/lib/search'
import { sessionQuery } from '@/lib/session'

const search = searchOf((s: Query) => ({
  callback_url: text(s.callback_url),
  code_challenge: text(s.code_challenge),
  code_challenge_method: text(s.code_challenge_method),
  key_label: text(s.key_label),
  limit: text(s.limit),
  usage_limit_type: text(s.usage_limit_type),
  expires_at: text(s.expires_at),
  state: text(s.state),
}))

/** Where an application sends people to ask for a key (OAuth with PKCE). The parameters are those of POST /auth/keys/code. */
export const authRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/auth',
  staticData: { title: 'An application asks for a key' },
  validateSearch: search,
  beforeLoad: async ({ context: { client }, location }) => {
    if (!(await client.ensureQueryData(sessionQuery))) throw redirect({ to: '/signin', search: { to: location.href } })
  },
  component: lazyRouteComponent(() => import('./AuthPage'), 'AuthPage'),
})

import { createRoute, redirect } from '@tanstack/react-router'
import { activityRoute } from '@/pages/activity/route'
import { authRoute } from '@/pages/auth/route'
import { chatRoute } from '@/pages/chat/route'
import { generationRoute } from '@/pages/generation/route'
import { inviteRoute } from '@/pages/invite/route'
import { keysRoute } from '@/pages/keys/route'
import { logsRoute } from '@/pages/logs/route'
import { modelRoute, modelsRoute } from '@/pages/models/route'
import { playgroundRoutes } from '@/pages/playground/route'
import { providerRoute, providersRoute } from '@/pages/providers/route'
import { rankingsRoute } from '@/pages/rankings/route'
import { sessionsRoute } from '@/pages/sessions/route'
import { settingsRoute } from '@/pages/settings/route'
import { setupRoute } from '@/pages/setup/route'
import { signinRoute } from '@/pages/signin/route'
import { statusRoute } from '@/pages/status/route'
import { rootRoute } from './root-route'
import { shellRoute } from './shell-route'

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/chat' })
  },
})

/** Every page. One route per page, in the page's own folder. */
export const routeTree = rootRoute.addChildren([
  signinRoute,
  setupRoute,
  inviteRoute,
  authRoute,
  shellRoute.addChildren([startRoute, chatRoute, playgroundRoutes, modelsRoute, modelRoute, providersRoute, providerRoute, rankingsRoute, statusRoute, activityRoute, logsRoute, generationRoute, sessionsRoute, keysRoute, settingsRoute]),
])

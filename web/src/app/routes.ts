import { createRoute, redirect } from '@tanstack/react-router'
import { activityRoute } from '@/pages/activity/route'
import { auditRoute } from '@/pages/audit/route'
import { authRoute } from '@/pages/auth/route'
import { byokRoute } from '@/pages/byok/route'
import { catalogueRoute } from '@/pages/catalogue/route'
import { chatRoute } from '@/pages/chat/route'
import { creditsRoute } from '@/pages/credits/route'
import { destinationsRoute } from '@/pages/destinations/route'
import { generationRoute } from '@/pages/generation/route'
import { guardrailRoute, guardrailsRoute } from '@/pages/guardrails/route'
import { identityRoute } from '@/pages/identity/route'
import { inviteRoute } from '@/pages/invite/route'
import { keysRoute } from '@/pages/keys/route'
import { logsRoute } from '@/pages/logs/route'
import { membersRoute } from '@/pages/members/route'
import { modelRoute, modelsRoute } from '@/pages/models/route'
import { organizationRoute } from '@/pages/organization/route'
import { playgroundRoutes } from '@/pages/playground/route'
import { presetRoute, presetsRoute } from '@/pages/presets/route'
import { privacyRoute } from '@/pages/privacy/route'
import { providerRoute, providersRoute } from '@/pages/providers/route'
import { rankingsRoute } from '@/pages/rankings/route'
import { routingRoute } from '@/pages/routing/route'
import { sessionsRoute } from '@/pages/sessions/route'
import { settingsRoute } from '@/pages/settings/route'
import { setupRoute } from '@/pages/setup/route'
import { signinRoute } from '@/pages/signin/route'
import { statusRoute } from '@/pages/status/route'
import { systemRoute } from '@/pages/system/route'
import { workspaceRoute, workspacesRoute } from '@/pages/workspaces/route'
import { sessionQuery } from '@/lib/session'
import { rootRoute } from './root-route'
import { shellRoute } from './shell-route'

/** Pages of the navigation's group Run. */
const runRoutes = [keysRoute, membersRoute, identityRoute, workspacesRoute, workspaceRoute, creditsRoute, byokRoute, guardrailsRoute, guardrailRoute, presetsRoute, presetRoute, routingRoute, privacyRoute, destinationsRoute, catalogueRoute, auditRoute, systemRoute] as const

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: async ({ context: { client } }) => {
    const session = await client.ensureQueryData(sessionQuery)
    throw redirect({ to: session?.permissions.includes('keys:write') ? '/chat' : '/models' })
  },
})

/** Every page. One route per page, in the page's own folder. */
export const routeTree = rootRoute.addChildren([
  signinRoute,
  setupRoute,
  inviteRoute,
  authRoute,
  shellRoute.addChildren([startRoute, chatRoute, playgroundRoutes, modelsRoute, modelRoute, providersRoute, providerRoute, rankingsRoute, statusRoute, activityRoute, logsRoute, generationRoute, sessionsRoute, settingsRoute, organizationRoute, ...runRoutes]),
])

import { createRoute, redirect } from '@tanstack/react-router'
import { auditRoute } from '@/pages/audit/route'
import { authRoute } from '@/pages/auth/route'
import { chatRoute } from '@/pages/chat/route'
import { byokRoute } from '@/pages/byok/route'
import { creditsRoute } from '@/pages/credits/route'
import { guardrailRoute, guardrailsRoute } from '@/pages/guardrails/route'
import { inviteRoute } from '@/pages/invite/route'
import { keysRoute } from '@/pages/keys/route'
import { membersRoute } from '@/pages/members/route'
import { modelRoute, modelsRoute } from '@/pages/models/route'
import { organizationRoute } from '@/pages/organization/route'
import { playgroundRoutes } from '@/pages/playground/route'
import { presetRoute, presetsRoute } from '@/pages/presets/route'
import { routingRoute } from '@/pages/routing/route'
import { settingsRoute } from '@/pages/settings/route'
import { setupRoute } from '@/pages/setup/route'
import { signinRoute } from '@/pages/signin/route'
import { systemRoute } from '@/pages/system/route'
import { workspaceRoute, workspacesRoute } from '@/pages/workspaces/route'
import { rootRoute } from './root-route'
import { shellRoute } from './shell-route'

/** Pages of the navigation's group Run. */
const runRoutes = [keysRoute, membersRoute, workspacesRoute, workspaceRoute, creditsRoute, byokRoute, guardrailsRoute, guardrailRoute, presetsRoute, presetRoute, routingRoute, auditRoute, systemRoute] as const

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/models' })
  },
})

/** Every page. One route per page, in the page's own folder. */
export const routeTree = rootRoute.addChildren([
  signinRoute,
  setupRoute,
  inviteRoute,
  authRoute,
  shellRoute.addChildren([startRoute, chatRoute, playgroundRoutes, modelsRoute, modelRoute, settingsRoute, organizationRoute, ...runRoutes]),
])

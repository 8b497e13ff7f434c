import { createRouter } from '@tanstack/react-router'
import { parseSearch, stringifySearch } from '@/lib/search'
import { client } from './client'
import { NotFound } from './NotFound'
import { PageFailed, PagePending } from './PageStates'
import { routeTree } from './routes'

export const router = createRouter({
  routeTree,
  context: { client },
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0, // the query client knows what is stale
  defaultPendingMs: 150,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** The page's name in the browser's tab. */
    title?: string
  }
}

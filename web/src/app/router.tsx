import { type AsyncRouteComponent, createRouter } from '@tanstack/react-router'
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
  defaultPendingMinMs: 0, // what is ready is shown
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
})

const patience = 1000 // milliseconds

/** Loads the page at the address, its code beside what it asks for. It ends when there is something to show: the page, or that it comes. */
export function loadFirstPage(): Promise<void> {
  const matches: readonly { routeId: keyof typeof router.routesById }[] = router.matchRoutes(router.latestLocation)
  for (const { routeId } of matches) {
    const { component } = router.routesById[routeId].options
    void (component as AsyncRouteComponent<unknown> | undefined)?.preload?.()
  }
  return Promise.race([router.load(), new Promise<void>((go) => setTimeout(go, patience))])
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** The page's name in the browser's tab. */
    title?: string
  }
}

import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext } from '@tanstack/react-router'
import { Root } from './Root'

/** What every page is below, signed in or not. */
export const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({ component: Root })

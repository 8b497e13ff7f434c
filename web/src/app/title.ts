import { useRouterState } from '@tanstack/react-router'

/** The title of the page at the address: that of the innermost route which has one. */
export function usePageTitle(): string | undefined {
  return useRouterState({ select: (s) => s.matches.findLast((m) => m.staticData.title)?.staticData.title })
}

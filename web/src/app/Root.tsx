import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Toasts } from '@/ui/Toast'
import { TooltipProvider } from '@/ui/Tooltip'

export function Root() {
  useTitle()
  return (
    <TooltipProvider>
      <Outlet />
      <Toasts />
    </TooltipProvider>
  )
}

/** The document's title is that of the innermost route that has one. */
function useTitle() {
  const title = useRouterState({ select: (s) => s.matches.findLast((m) => m.staticData.title)?.staticData.title })
  useEffect(() => {
    document.title = title ? `${title} · Dragoman` : 'Dragoman'
  }, [title])
}

import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Toasts } from '@/ui/Toast'
import { TooltipProvider } from '@/ui/Tooltip'
import { usePageTitle } from './title'

export function Root() {
  const title = usePageTitle()
  useEffect(() => {
    document.title = title ? `${title} · Dragoman` : 'Dragoman'
  }, [title])
  return (
    <TooltipProvider>
      <Outlet />
      <Toasts />
    </TooltipProvider>
  )
}

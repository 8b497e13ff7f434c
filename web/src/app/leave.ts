import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'

/** Goes to a page as somebody else, or nobody: nothing of what was loaded before stays. */
export function useLeave(): (to: string) => Promise<void> {
  const client = useQueryClient()
  const router = useRouter()
  return async (to) => {
    client.clear()
    await router.navigate({ href: to, replace: true })
    await router.invalidate()
  }
}

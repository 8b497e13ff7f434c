import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useSession } from '@/lib/session'
import { type Workspace, workspacesQuery } from '@/lib/queries'

/** What stands in the URL for all workspaces together; no slug is like it. */
export const allWorkspaces = '*'

/** The workspace that is looked at: that of the URL, else the first. Undefined until it is known, or without the right to see workspaces. */
export function useWorkspace(): [Workspace | undefined, (slug: string) => void] {
  const { can } = useSession()
  const { workspace: slug } = useSearch({ from: '/shell' })
  const { data: workspaces } = useQuery({ ...workspacesQuery, enabled: can('rules:read') })
  const navigate = useNavigate()
  const first = workspaces?.[0]
  const workspace = workspaces?.find((w) => w.slug === slug) ?? first
  const set = (to: string) => void navigate({ to: '.', search: (old) => ({ ...old, workspace: to === first?.slug ? undefined : to }) })
  return [workspace, set]
}

/**
 * What pages that can show the whole organisation narrow to: the workspace that is looked at, where there is more than
 * one, unless all are. `ready` is false until that is known, or cannot be.
 */
export function useWorkspaceFilter(): { ready: boolean; id: string | undefined } {
  const { can } = useSession()
  const { workspace: slug } = useSearch({ from: '/shell' })
  const [workspace] = useWorkspace()
  const { data: workspaces, error } = useQuery({ ...workspacesQuery, enabled: can('rules:read') })
  return { ready: Boolean(workspaces ?? error) || !can('rules:read'), id: workspaces && workspaces.length > 1 && slug !== allWorkspaces ? workspace?.id : undefined }
}

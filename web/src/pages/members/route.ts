import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  q: text(s.q),
  view: oneOf(s.view, ['invitations']),
  sort: text(s.sort),
  /** The id of the member whose details are open. */
  member: text(s.member),
  form: oneOf(s.form, ['invite']),
}))

export const membersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/members',
  staticData: { title: 'Members' },
  validateSearch: search,
  component: lazyRouteComponent(() => import('./MembersPage'), 'MembersPage'),
})

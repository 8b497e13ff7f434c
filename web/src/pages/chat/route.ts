import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { sampleKinds } from '@/lib/samples/kinds'
import { modelsQuery } from '@/lib/queries'
import { flag, list, oneOf, type Query, searchOf, text } from '@/lib/search'

const search = searchOf((s: Query) => ({
  /** The conversation; a new one when absent. */
  chat: text(s.chat),
  /** What a new conversation begins with. */
  models: list(s.models),
  prompt: text(s.prompt),
  /** What is open before the columns. */
  open: oneOf(s.open, ['code', 'diff', 'settings', 'votes', 'column']),
  /** The column that it is about. */
  column: text(s.column),
  code: oneOf(s.code, sampleKinds.map((k) => k.value)),
  /** The history beside the columns is put away. */
  wide: flag(s.wide),
}))

export const chatRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/chat',
  staticData: { title: 'Chat' },
  validateSearch: search,
  loader: async ({ context: { client } }) => {
    void client.prefetchQuery(modelsQuery())
    await (await import('./ChatPage')).prepare(client)
  },
  component: lazyRouteComponent(() => import('./ChatPage'), 'ChatPage'),
})

import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text, whole } from '@/lib/search'

/** What is no conversation: a page for each kind. */
const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/playground',
  staticData: { title: 'Playgrounds' },
  component: lazyRouteComponent(() => import('./PlaygroundPage'), 'PlaygroundPage'),
})

const indexRoute = createRoute({
  getParentRoute: () => playgroundRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/playground/embeddings', replace: true })
  },
})

const embeddingsRoute = createRoute({
  getParentRoute: () => playgroundRoute,
  path: '/embeddings',
  staticData: { title: 'Embeddings' },
  validateSearch: searchOf((s: Query) => ({ model: text(s.model), dimensions: whole(s.dimensions) })),
  component: lazyRouteComponent(() => import('./EmbeddingsPage'), 'EmbeddingsPage'),
})

const imagesRoute = createRoute({
  getParentRoute: () => playgroundRoute,
  path: '/images',
  staticData: { title: 'Images' },
  validateSearch: searchOf((s: Query) => ({ model: text(s.model), size: text(s.size), n: whole(s.n) })),
  component: lazyRouteComponent(() => import('./ImagesPage'), 'ImagesPage'),
})

const speechRoute = createRoute({
  getParentRoute: () => playgroundRoute,
  path: '/speech',
  staticData: { title: 'Speech' },
  validateSearch: searchOf((s: Query) => ({
    do: oneOf(s.do, ['speak', 'transcribe']),
    model: text(s.model),
    voice: text(s.voice),
    format: oneOf(s.format, ['mp3', 'wav', 'opus', 'flac', 'aac']),
  })),
  component: lazyRouteComponent(() => import('./SpeechPage'), 'SpeechPage'),
})

export const playgroundRoutes = playgroundRoute.addChildren([indexRoute, embeddingsRoute, imagesRoute, speechRoute])

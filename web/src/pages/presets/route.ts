import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/app/shell-route'
import { oneOf, type Query, searchOf, text, whole } from '@/lib/search'

const list = searchOf((s: Query) => ({ q: text(s.q), sort: text(s.sort), form: oneOf(s.form, ['new']) }))

export const presetsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/presets',
  staticData: { title: 'Presets' },
  validateSearch: list,
  component: lazyRouteComponent(() => import('./PresetsPage'), 'PresetsPage'),
})

const view = searchOf((s: Query) => ({
  /** The number of the version that is looked at, and of the one it is compared with. */
  version: whole(s.version),
  with: whole(s.with),
  form: oneOf(s.form, ['version']),
}))

export const presetRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/presets/$slug',
  staticData: { title: 'Preset' },
  validateSearch: view,
  component: lazyRouteComponent(() => import('./PresetPage'), 'PresetPage'),
})

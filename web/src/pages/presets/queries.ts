import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { whole } from '@/lib/paging'

export type Preset = Schemas['Preset']
export type WholePreset = Schemas['WholePreset']
export type Version = Schemas['PresetVersion']
export type Change = Schemas['PresetChange']
export type Dialect = Version['dialect']

export const presetsQuery = queryOptions({
  queryKey: ['presets'],
  queryFn: async () => (await ask(api.GET('/presets', { params: { query: { limit: whole } } }))).data,
})

export const presetQuery = (slug: string) =>
  queryOptions({
    queryKey: ['presets', slug],
    queryFn: async () => (await ask(api.GET('/presets/{slug}', { params: { path: { slug } } }))).data,
  })

/** The versions of a preset, the newest first. */
export const versionsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['presets', slug, 'versions'],
    queryFn: async () => (await ask(api.GET('/presets/{slug}/versions', { params: { path: { slug }, query: { limit: whole } } }))).data.toSorted((a, b) => b.version - a.version),
  })

export function usePresetActions() {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: presetsQuery.queryKey })
  return {
    /** A new preset, or the next version of one, from a request. */
    put: async (slug: string, dialect: Dialect, body: Record<string, unknown>) => {
      const path = { params: { path: { slug } }, body }
      if (dialect === 'anthropic.messages') await ask(api.POST('/presets/{slug}/messages', path))
      else if (dialect === 'openai.responses') await ask(api.POST('/presets/{slug}/responses', path))
      else await ask(api.POST('/presets/{slug}/chat/completions', path))
      await refresh()
    },
    change: async (slug: string, body: Change) => {
      await ask(api.PATCH('/presets/{slug}', { params: { path: { slug } }, body }))
      await refresh()
    },
    remove: async (slug: string) => {
      await ask(api.DELETE('/presets/{slug}', { params: { path: { slug } } }))
      await client.invalidateQueries({ queryKey: presetsQuery.queryKey, exact: true, refetchType: 'all' })
    },
  }
}

// What is known of guardrails on more pages than theirs.
import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from './api'
import { whole } from './paging'

export type Guardrail = Schemas['Guardrail']

export const guardrailsQuery = queryOptions({
  queryKey: ['guardrails'],
  queryFn: async () => (await ask(api.GET('/guardrails', { params: { query: { limit: whole } } }))).data,
})

/** What a guardrail demands, in a few words. */
export function summaryOf(g: Guardrail): string[] {
  const filters = (g.content_filter_builtins?.length ?? 0) + (g.content_filters?.length ?? 0)
  return [
    g.enforce_zdr && 'zero retention',
    (g.enable_paid_model_training === false || g.enable_free_model_training === false) && 'no training',
    g.allowed_data_regions?.length && `only ${g.allowed_data_regions.join(', ')}`,
    (g.allowed_models?.length || g.ignored_models?.length) && 'models',
    (g.allowed_providers?.length || g.ignored_providers?.length) && 'providers',
    g.limit_usd !== null && 'budget',
    filters > 0 && `${filters} ${filters === 1 ? 'filter' : 'filters'}`,
    g.moderation && 'moderation',
  ].filter((s): s is string => Boolean(s))
}

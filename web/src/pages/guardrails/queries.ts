import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'
import { useAfter } from '@/lib/after'
import { guardrailsQuery } from '@/lib/guardrails'
import { nextOffset } from '@/lib/paging'
import type { Choice } from '@/ui/Combobox'

export type GuardrailChange = Schemas['GuardrailChange']
export type Preview = Schemas['GuardrailPreview']

export const guardrailQuery = (id: string) =>
  queryOptions({
    queryKey: ['guardrails', id],
    queryFn: async () => (await ask(api.GET('/guardrails/{id}', { params: { path: { id } } }))).data,
  })

/** What a guardrail with these changes would allow, and do to a text. */
export const previewQuery = (id: string, guardrail: GuardrailChange, model: string, text: string) =>
  queryOptions({
    queryKey: ['guardrails', id, 'preview', { guardrail, model, text }],
    staleTime: 30_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await ask(api.POST('/guardrails/preview', { body: { guardrail_id: id, guardrail, model: model || null, text: text || null }, signal }))).data,
  })

/** The keys under a guardrail, a hundred at a time. */
export const keysUnderQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['guardrails', id, 'keys'],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset }) => ask(api.GET('/guardrails/{id}/assignments/keys', { params: { path: { id }, query: { offset, limit: 100 } } })),
    getNextPageParam: nextOffset,
    select: ({ pages }) => pages.flatMap((p) => p.data).map((k): Choice => ({ value: k.key_hash, label: k.key_name, note: k.key_label })),
  })

/** The members under a guardrail, a hundred at a time. */
export const membersUnderQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['guardrails', id, 'members'],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset }) => ask(api.GET('/guardrails/{id}/assignments/members', { params: { path: { id }, query: { offset, limit: 100 } } })),
    getNextPageParam: nextOffset,
    select: ({ pages }) => pages.flatMap((p) => p.data).map((m): Choice => ({ value: m.user_id, label: m.user_name, note: m.user_email })),
  })

export const keysQuery = queryOptions({
  queryKey: ['keys', 'to-assign'],
  queryFn: async () => (await ask(api.GET('/keys', { params: { query: { include_disabled: true } } }))).data,
})

export function useGuardrailActions() {
  const client = useQueryClient()
  const after = useAfter(guardrailsQuery.queryKey)
  const path = (id: string) => ({ params: { path: { id } } })
  return {
    create: async (body: GuardrailChange) => (await after(ask(api.POST('/guardrails', { body })))).data,
    change: (id: string, body: GuardrailChange) => after(ask(api.PATCH('/guardrails/{id}', { ...path(id), body }))),
    remove: async (id: string) => {
      await ask(api.DELETE('/guardrails/{id}', path(id)))
      await client.invalidateQueries({ queryKey: guardrailsQuery.queryKey, exact: true, refetchType: 'all' })
    },
    addKeys: (id: string, key_hashes: string[]) => after(ask(api.POST('/guardrails/{id}/assignments/keys', { ...path(id), body: { key_hashes } }))),
    freeKeys: (id: string, key_hashes: string[]) => after(ask(api.POST('/guardrails/{id}/assignments/keys/remove', { ...path(id), body: { key_hashes } }))),
    addMembers: (id: string, member_user_ids: string[]) => after(ask(api.POST('/guardrails/{id}/assignments/members', { ...path(id), body: { member_user_ids } }))),
    freeMembers: (id: string, member_user_ids: string[]) => after(ask(api.POST('/guardrails/{id}/assignments/members/remove', { ...path(id), body: { member_user_ids } }))),
  }
}

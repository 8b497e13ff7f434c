import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/lib/api'

export type Generation = Schemas['Generation']
export type Explanation = Schemas['Explanation']
export type Attempt = Explanation['attempts'][number]

/** A request's record, with the text that it came in: some of its numbers are greater than JavaScript's. */
export const generationQuery = (id: string) =>
  queryOptions({
    queryKey: ['generation', id],
    staleTime: 60_000, // a record is written once; feedback is not
    queryFn: async () => {
      const json = (await ask(api.GET('/generation', { params: { query: { id } }, parseAs: 'text' }) as Promise<{ data?: { text: string }; response: Response }>)) as unknown as string
      return { json, record: (JSON.parse(json) as { data: Generation }).data }
    },
  })

/** The request's row of the log, which knows whose it was. */
export const rowQuery = (id: string) =>
  queryOptions({
    queryKey: ['generation', id, 'row'],
    staleTime: Infinity,
    queryFn: async () => (await ask(api.GET('/generations', { params: { query: { q: id, limit: 1 } } }))).data[0] ?? null,
  })

/** What was said and answered. Each look is in the audit log: it is never asked for unasked. */
export async function readContent(id: string) {
  return (await ask(api.GET('/generation/content', { params: { query: { id } } }))).data
}

export async function deleteContent(id: string): Promise<void> {
  await ask(api.DELETE('/generation/content', { params: { query: { id } } }))
}

export const feedbackCategories = ['latency', 'incoherence', 'incorrect_response', 'formatting', 'billing', 'api_error', 'other'] as const

export type FeedbackCategory = (typeof feedbackCategories)[number]

export async function sendFeedback(id: string, category: FeedbackCategory, comment: string): Promise<void> {
  await ask(api.POST('/generation/feedback', { body: { generation_id: id, category, ...(comment ? { comment } : {}) } }))
}

/** The receipt, and the key that it must be signed with. */
export async function readReceipt(id: string) {
  const [receipt, { data: key }] = await Promise.all([ask(api.GET('/generation/receipt', { params: { query: { id } } })), ask(api.GET('/receipts/key'))])
  return { receipt, key }
}

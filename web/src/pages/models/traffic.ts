import { millions } from '@/lib/format'
import type { Model } from '@/lib/queries'

/** What is to be priced: requests, and tokens of all of them together. Cached tokens are part of the prompt's. */
export type Traffic = { requests: number; prompt: number; cached: number; completion: number }

/** What the traffic would cost at the model's prices, those of its cheapest endpoint; null where no price per token is known. */
export function costOf(m: Model, t: Traffic): number | null {
  if (!m.architecture.output_modalities.includes('text')) return null
  const [input, output] = [millions(m.pricing.prompt), millions(m.pricing.completion)]
  if (input < 0 || output < 0) return null
  const cached = m.pricing.input_cache_read === undefined ? input : millions(m.pricing.input_cache_read)
  const tokens = ((t.prompt - t.cached) * input + t.cached * cached + t.completion * output) / 1e6
  return tokens + t.requests * Number(m.pricing.request ?? 0)
}

/** Traffic as the URL has it: "mine", or requests, and tokens in and out of each. */
export function trafficOf(text: string | undefined): 'mine' | Traffic | undefined {
  if (text === undefined || text === 'mine') return text
  const [requests = 0, prompt = 0, completion = 0] = text.split('-').map((n) => Math.min(1e12, Math.max(0, Math.floor(Number(n)) || 0)))
  return { requests, prompt: prompt * requests, cached: 0, completion: completion * requests }
}

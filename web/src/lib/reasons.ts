// Why an endpoint stands where it stands, or is out: the gateway's closed set of reasons, in words.

const out: Record<string, string> = {
  not_live: 'No credential to call it with',
  unpriced: 'Nobody said at what price',
  free_variant: 'Costs money, and a :free model was asked for',
  operation: 'Does another kind of work',
  modality: 'Cannot read or write what the request holds',
  context_length: 'The prompt does not fit',
  max_output: 'Cannot write as much as was asked for',
  service_tier: 'Of a service tier that was not asked for',
  tools: 'Would ignore the tools',
  response_format: 'Would ignore the response format',
  verbosity: 'Would ignore the verbosity',
  duplicate: 'Its model is listed twice',
  allow_fallbacks: 'Would be a fallback, and none is allowed',
  allowed_models: 'Not an allowed model',
  ignored_models: 'An ignored model',
  allowed_providers: 'Not an allowed provider',
  ignored_providers: 'An ignored provider',
  'data_policy:training': 'Not known not to train on prompts',
  'data_policy:publication': 'Not known not to publish prompts',
  'data_policy:zdr': 'Not known to keep nothing',
  data_region: 'Not known to stay in the allowed regions',
  distillable: 'Not known to allow distillation',
  quantization: 'Another quantization',
  max_price: 'Costs more than the price cap',
  require_parameters: 'Does not know a parameter that was sent',
  byok_only: 'Only the operator’s credential could pay',
  credit: 'The credit does not reach',
}

const place: Record<string, string> = {
  order: 'named by the order',
  byok: 'own credential pays',
  byok_fallback: 'own credential, as a fallback',
  balanced: 'drawn by price',
  price: 'by price',
  throughput: 'by throughput',
  latency: 'by latency',
  exacto: 'by sound tool calls',
  priority_tier: 'priority tier',
  fallback_model: 'fallback model',
  probing: 'on probation',
  'later:context_length': 'later: the prompt may not fit',
  'later:deranked': 'later: deranked by the operator',
  'later:throughput': 'later: too slow',
  'later:latency': 'later: answers too late',
  'later:rate_limited': 'later: rate-limited just now',
  'later:outage': 'later: failing',
  'later:breaker': 'later: paused after failures',
}

/** Why an endpoint is not in the plan. A reason of a newer gateway is shown as it is. */
export function whyOut(reason: string): string {
  return out[reason] ?? reason
}

/** What put a step where it is. */
export function whyThere(reason: string): string {
  return place[reason] ?? reason
}

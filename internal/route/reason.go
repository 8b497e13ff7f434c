package route

// Reason is why an endpoint stands where it stands, or why it is out. The set is closed:
// the values are in records, in API metadata and in the interface.
type Reason string

// Why an endpoint is out. Those that the API names in `excluded_by` (reference §1.5) have
// its spelling.
const (
	NotLive       Reason = "not_live"        // no credential to call it with
	Unpriced      Reason = "unpriced"        // nobody said at what price
	FreeVariant   Reason = "free_variant"    // a :free model's endpoint that costs money
	Operation     Reason = "operation"       // does another kind of work: embeds, ranks, speaks, draws …
	Modality      Reason = "modality"        // cannot read or write what the request holds or asks for
	ContextLength Reason = "context_length"  // the prompt does not fit
	MaxOutput     Reason = "max_output"      // cannot write as much as asked for
	ServiceTier   Reason = "service_tier"    // of a tier not asked for
	NoTools       Reason = "tools"           // would ignore them, and others of the model do not
	NoFormat      Reason = "response_format" // the same
	NoVerbosity   Reason = "verbosity"       // the same
	Duplicate     Reason = "duplicate"       // its model is listed twice
	NoFallbacks   Reason = "allow_fallbacks" // would be a fallback, and none is allowed

	AllowedModels     Reason = "allowed_models"
	IgnoredModels     Reason = "ignored_models"
	AllowedProviders  Reason = "allowed_providers"
	IgnoredProviders  Reason = "ignored_providers"
	Training          Reason = "data_policy:training"
	Publication       Reason = "data_policy:publication"
	ZDR               Reason = "data_policy:zdr"
	DataRegion        Reason = "data_region"
	Distillable       Reason = "distillable"
	Quantization      Reason = "quantization"
	MaxPrice          Reason = "max_price"
	RequireParameters Reason = "require_parameters"
	OwnOnly           Reason = "byok_only" // only the operator's credential could pay, and must not
	Credit            Reason = "credit"    // found by the hold: the account's credit does not reach, and its own credentials serve
)

// Why an endpoint stands where it stands. The first says what it was ordered by; those
// that follow, what moved it.
const (
	Ordered      Reason = "order"         // named by provider.order
	Own          Reason = "byok"          // the account's own credential pays
	OwnFallback  Reason = "byok_fallback" // the same, after the operator's
	Balanced     Reason = "balanced"      // drawn with a chance of 1/price²
	ByPrice      Reason = "price"         // cheapest first
	ByThroughput Reason = "throughput"    // most tokens per second first
	ByLatency    Reason = "latency"       // soonest first token first
	ByQuality    Reason = "exacto"        // fewest broken tool calls first

	Priority      Reason = "priority_tier"  // first, because the priority tier was asked for
	FallbackModel Reason = "fallback_model" // of a model to fall back to
	Probing       Reason = "probing"        // its breaker lets a little through

	TightContext Reason = "later:context_length" // the prompt may not fit
	Deranked     Reason = "later:deranked"       // by the operator
	TooSlow      Reason = "later:throughput"     // below provider.preferred_min_throughput
	TooLate      Reason = "later:latency"        // above provider.preferred_max_latency
	RateLimited  Reason = "later:rate_limited"   // answered 429 a moment ago
	Outage       Reason = "later:outage"         // failing in the last 30 s
	BreakerOpen  Reason = "later:breaker"        // a run of failures, pause not over
)

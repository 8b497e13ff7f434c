package analytics

import "github.com/dragoman-gateway/dragoman/internal/money"

// Format is how a metric's value is to be shown.
type Format string

// The formats. A percent is a share from 0 to 1, a latency milliseconds, a throughput
// tokens per second, a currency US dollars.
const (
	Number     Format = "number"
	Currency   Format = "currency"
	Percent    Format = "percent"
	Latency    Format = "latency"
	Throughput Format = "throughput"
)

// Metric is a row of the table of metrics.
type Metric struct {
	Name, Label string
	Format      Format
	Rate        bool // a ratio or a percentile, not a sum

	sums   []Measure         // that it is made of
	spread func(*Want) *bool // of the histogram it is made of, nil none
	absent bool              // it is nothing that is counted here: always null
	of     func(*Tally) any  // int64, money.Amount, float64, or nil for null
}

// Timed reports whether the metric is about time: such need a range of at most 31 days.
func (m *Metric) Timed() bool { return m.Format == Latency || m.Format == Throughput }

// Metrics are all of them. Those whose value is always null are parts of a bill in
// OpenRouter's that have no part of their own in ours (reference §3.18).
var Metrics = [...]Metric{
	{Name: "request_count", Label: "Requests", Format: Number, sums: []Measure{Requests}, of: count(Requests)},
	{Name: "error_count", Label: "Errors", Format: Number, sums: []Measure{Errors}, of: count(Errors)},
	{Name: "fallback_count", Label: "Requests With Fallback", Format: Number, sums: []Measure{Fallbacks}, of: count(Fallbacks)},
	{Name: "total_usage", Label: "Total Spend", Format: Currency, sums: []Measure{Cost}, of: amount(Cost)},
	{Name: "usage_upstream", Label: "Usage at List Price", Format: Currency, sums: []Measure{List}, of: amount(List)},
	{Name: "byok_usage_inference", Label: "Paid With Own Provider Keys", Format: Currency, sums: []Measure{Elsewhere}, of: amount(Elsewhere)},
	{Name: "operator_loss", Label: "Borne by the Operator", Format: Currency, sums: []Measure{Loss}, of: amount(Loss)},
	{Name: "usage_cache", Label: "Cache Discount", Format: Currency, absent: true, of: nothing},
	{Name: "usage_data", Label: "Data Discount", Format: Currency, absent: true, of: nothing},
	{Name: "usage_web", Label: "Web Search Spend", Format: Currency, absent: true, of: nothing},
	{Name: "usage_file", Label: "File Parsing Spend", Format: Currency, absent: true, of: nothing},
	{Name: "tokens_total", Label: "Total Tokens", Format: Number, sums: []Measure{Prompt, Completion}, of: tokens},
	{Name: "tokens_prompt", Label: "Prompt Tokens", Format: Number, sums: []Measure{Prompt}, of: count(Prompt)},
	{Name: "tokens_completion", Label: "Completion Tokens", Format: Number, sums: []Measure{Completion}, of: count(Completion)},
	{Name: "reasoning_tokens", Label: "Reasoning Tokens", Format: Number, sums: []Measure{Reasoning}, of: count(Reasoning)},
	{Name: "cached_tokens", Label: "Tokens Read From Cache", Format: Number, sums: []Measure{CacheRead}, of: count(CacheRead)},
	{Name: "cache_write_tokens", Label: "Tokens Written to Cache", Format: Number, sums: []Measure{CacheWrite}, of: count(CacheWrite)},
	{Name: "audio_input_tokens", Label: "Audio Input Tokens", Format: Number, sums: []Measure{AudioInput}, of: count(AudioInput)},
	{Name: "image_input_tokens", Label: "Image Input Tokens", Format: Number, sums: []Measure{ImageInput}, of: count(ImageInput)},
	{Name: "video_input_tokens", Label: "Video Input Tokens", Format: Number, sums: []Measure{VideoInput}, of: count(VideoInput)},
	{Name: "audio_output_tokens", Label: "Audio Output Tokens", Format: Number, sums: []Measure{AudioOutput}, of: count(AudioOutput)},
	{Name: "image_output_tokens", Label: "Image Output Tokens", Format: Number, sums: []Measure{ImageOutput}, of: count(ImageOutput)},
	{Name: "images_generated", Label: "Images Generated", Format: Number, sums: []Measure{Images}, of: count(Images)},
	{Name: "web_searches", Label: "Web Searches", Format: Number, sums: []Measure{WebSearches}, of: count(WebSearches)},
	{Name: "web_fetches", Label: "Web Fetches", Format: Number, sums: []Measure{WebFetches}, of: count(WebFetches)},
	{Name: "search_units", Label: "Rerank Search Units", Format: Number, sums: []Measure{Searches}, of: count(Searches)},
	{Name: "characters_spoken", Label: "Characters Spoken", Format: Number, sums: []Measure{Characters}, of: count(Characters)},
	{Name: "audio_milliseconds", Label: "Audio Transcribed (ms)", Format: Number, sums: []Measure{AudioMillis}, of: count(AudioMillis)},
	{Name: "cache_hit_rate", Label: "Cache Hit Rate", Format: Percent, Rate: true, sums: []Measure{CacheRead, Prompt}, of: ratio(CacheRead, Prompt, 1)},
	{Name: "error_rate", Label: "Error Rate", Format: Percent, Rate: true, sums: []Measure{Errors, Requests}, of: ratio(Errors, Requests, 1)},
	{Name: "fallback_rate", Label: "Fallback Rate", Format: Percent, Rate: true, sums: []Measure{Fallbacks, Requests}, of: ratio(Fallbacks, Requests, 1)},
	{Name: "avg_latency", Label: "Average Latency", Format: Latency, Rate: true, sums: []Measure{LatencyMS, LatencyCount}, of: ratio(LatencyMS, LatencyCount, 1)},
	{Name: "p50_latency", Label: "P50 Latency", Format: Latency, Rate: true, spread: ofLatency, of: latency(0.5)},
	{Name: "p90_latency", Label: "P90 Latency", Format: Latency, Rate: true, spread: ofLatency, of: latency(0.9)},
	{Name: "p99_latency", Label: "P99 Latency", Format: Latency, Rate: true, spread: ofLatency, of: latency(0.99)},
	{Name: "avg_generation_time", Label: "Average Generation Time", Format: Latency, Rate: true, sums: []Measure{TimeMS, TimeCount}, of: ratio(TimeMS, TimeCount, 1)},
	{Name: "p50_generation_time", Label: "P50 Generation Time", Format: Latency, Rate: true, spread: ofTime, of: duration(0.5)},
	{Name: "p90_generation_time", Label: "P90 Generation Time", Format: Latency, Rate: true, spread: ofTime, of: duration(0.9)},
	{Name: "p99_generation_time", Label: "P99 Generation Time", Format: Latency, Rate: true, spread: ofTime, of: duration(0.99)},
	{Name: "avg_throughput", Label: "Average Throughput", Format: Throughput, Rate: true, sums: []Measure{SpeedTokens, SpeedMS}, of: ratio(SpeedTokens, SpeedMS, 1000)},
	{Name: "p50_throughput", Label: "P50 Throughput", Format: Throughput, Rate: true, spread: ofSpeed, of: speed(0.5)},
}

func ofLatency(w *Want) *bool { return &w.Latency }
func ofTime(w *Want) *bool    { return &w.Time }
func ofSpeed(w *Want) *bool   { return &w.Speed }

func count(m Measure) func(*Tally) any { return func(t *Tally) any { return t.Sums[m] } }

func amount(m Measure) func(*Tally) any {
	return func(t *Tally) any { return money.Amount(t.Sums[m]) }
}

func nothing(*Tally) any { return nil }

func tokens(t *Tally) any { return plus(t.Sums[Prompt], t.Sums[Completion]) }

// ratio is a/b in units of which times make one, null where b is 0.
func ratio(a, b Measure, times float64) func(*Tally) any {
	return func(t *Tally) any {
		if t.Sums[b] == 0 {
			return nil
		}
		return float64(t.Sums[a]) / float64(t.Sums[b]) * times
	}
}

func latency(share float64) func(*Tally) any {
	return func(t *Tally) any { return percentile(t.Latency, share, 1) }
}

func duration(share float64) func(*Tally) any {
	return func(t *Tally) any { return percentile(t.Time, share, 1) }
}

func speed(share float64) func(*Tally) any {
	return func(t *Tally) any { return percentile(t.Speed, share, 1000) }
}

func percentile(h Histogram, share, unit float64) any {
	v, ok := h.Percentile(share)
	if !ok {
		return nil
	}
	return v / unit
}

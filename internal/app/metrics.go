package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// metrics are the Prometheus metrics of a process. Labels are bounded: models and
// providers of the catalogue, outcomes; never a key, a user or content.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	tokens   *prometheus.CounterVec
	cost     *prometheus.CounterVec
	loss     prometheus.Counter
	diverges *prometheus.CounterVec
	duration *prometheus.HistogramVec
	first    *prometheus.HistogramVec
	attempts *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dragoman_requests_total", Help: "Inference requests that reached an upstream, by how they ended."}, []string{"model", "provider", "outcome"}),
		tokens:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dragoman_tokens_total", Help: "Tokens, by class."}, []string{"model", "provider", "class"}),
		cost:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dragoman_cost_usd_total", Help: "Charges in US dollars; the ledger holds the exact figure."}, []string{"model", "provider"}),
		loss:     prometheus.NewCounter(prometheus.CounterOpts{Name: "dragoman_operator_loss_usd_total", Help: "Upstream cost that no account paid, in US dollars."}),
		diverges: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dragoman_cost_divergence_total", Help: "Requests whose upstream reports another cost than its usage comes to at our prices."}, []string{"model", "provider"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dragoman_request_duration_seconds", Help: "From the request to the end of the answer.", Buckets: prometheus.ExponentialBuckets(.005, 2.5, 12)}, []string{"outcome"}),
		first:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dragoman_first_content_seconds", Help: "From the request to the first content.", Buckets: prometheus.ExponentialBuckets(.005, 2.5, 12)}, []string{"provider"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dragoman_attempts_total", Help: "Calls of endpoints, by result: ok or an error type."}, []string{"provider", "result"}),
	}
	m.registry.MustRegister(m.requests, m.tokens, m.cost, m.loss, m.diverges, m.duration, m.first, m.attempts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count shows a number that somebody else counts.
func (m *metrics) count(name, help string, of func() int64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of()) }))
}

// generation counts a finished request.
func (m *metrics) generation(r *generation.Record, took time.Duration) {
	model, provider := r.Model, r.Provider
	if model == "" {
		model, provider = "none", "none"
	}
	m.requests.WithLabelValues(model, provider, string(r.Outcome)).Inc()
	m.duration.WithLabelValues(string(r.Outcome)).Observe(took.Seconds())
	if r.Outcome == generation.Completed {
		m.first.WithLabelValues(provider).Observe(float64(r.LatencyMS) / 1000)
	}
	for class, n := range map[string]int64{"input": r.Usage.Prompt() - r.Usage.CacheRead, "cached": r.Usage.CacheRead, "output": r.Usage.Completion() - r.Usage.Reasoning, "reasoning": r.Usage.Reasoning} {
		if n > 0 {
			m.tokens.WithLabelValues(model, provider, class).Add(float64(n))
		}
	}
	m.cost.WithLabelValues(model, provider).Add(float64(r.Cost) / 1e9)
	if r.Diverges() {
		m.diverges.WithLabelValues(model, provider).Inc()
	}
	m.loss.Add(float64(r.Loss) / 1e9)
	for i := range r.Attempts {
		result := r.Attempts[i].Kind
		if result == "" {
			result = "ok"
		}
		m.attempts.WithLabelValues(r.Attempts[i].Provider, result).Inc()
	}
}

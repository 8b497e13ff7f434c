package app

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
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

	mu     sync.Mutex
	served map[served]*series
}

// served is who answered, by what labels call them.
type served struct{ model, provider string }

// series are those that most requests count in, found once: looking a label up costs more
// than counting.
type series struct {
	completed, cost prometheus.Counter
	tokens          [len(tokenClasses)]prometheus.Counter
	first           prometheus.Observer
}

// tokenClasses are the values of the label class.
var tokenClasses = [...]struct {
	name string
	of   func(*llm.Usage) int64
}{
	{"input", func(u *llm.Usage) int64 { return u.Prompt() - u.CacheRead }},
	{"cached", func(u *llm.Usage) int64 { return u.CacheRead }},
	{"output", func(u *llm.Usage) int64 { return u.Completion() - u.Reasoning }},
	{"reasoning", func(u *llm.Usage) int64 { return u.Reasoning }},
}

// maxServed bounds the series that are remembered; a catalogue that was replaced many times
// leaves some behind.
const maxServed = 4096

// of are the series of who answered.
func (m *metrics) of(who served) *series {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.served[who]; s != nil {
		return s
	}
	if len(m.served) >= maxServed {
		clear(m.served)
	}
	s := &series{
		completed: m.requests.WithLabelValues(who.model, who.provider, string(generation.Completed)),
		cost:      m.cost.WithLabelValues(who.model, who.provider),
		first:     m.first.WithLabelValues(who.provider),
	}
	for i := range tokenClasses {
		s.tokens[i] = m.tokens.WithLabelValues(who.model, who.provider, tokenClasses[i].name)
	}
	m.served[who] = s
	return s
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		served:   map[served]*series{},
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
	who := served{r.Model, r.Provider}
	if who.model == "" {
		who = served{"none", "none"}
	}
	s := m.of(who)
	m.duration.WithLabelValues(string(r.Outcome)).Observe(took.Seconds())
	if r.Outcome == generation.Completed {
		s.completed.Inc()
		s.first.Observe(float64(r.LatencyMS) / 1000)
	} else {
		m.requests.WithLabelValues(who.model, who.provider, string(r.Outcome)).Inc()
	}
	for i := range tokenClasses {
		if n := tokenClasses[i].of(&r.Usage); n > 0 {
			s.tokens[i].Add(float64(n))
		}
	}
	s.cost.Add(float64(r.Cost) / 1e9)
	if r.Diverges() {
		m.diverges.WithLabelValues(who.model, who.provider).Inc()
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

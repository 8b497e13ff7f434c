package analytics

import (
	"math"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Measure is one sum of a Tally. Their order is that of the stored form: new ones come at
// the end.
type Measure uint8

// The measures. The first Columns of them are columns of the database too.
const (
	Requests   Measure = iota
	Cost               // nano-dollars that the account paid
	Loss               // nano-dollars that the operator bears
	Elsewhere          // nano-dollars at list price, paid with the account's own provider key
	Prompt             // tokens
	Completion         // tokens
	Errors             // requests that ended as failed, broken or lost
	List               // nano-dollars: usage at the endpoints' prices
	CacheRead
	CacheWrite
	AudioInput
	ImageInput
	VideoInput
	Reasoning
	AudioOutput
	ImageOutput
	WebSearches
	WebFetches
	Images
	Searches
	Characters
	AudioMillis
	Fallbacks    // requests with more than one attempt
	LatencyMS    // of those whose latency is known
	LatencyCount // how many they are
	TimeMS       // milliseconds to the end, of those that ended with an answer
	TimeCount
	SpeedTokens // completion tokens of those whose throughput is known
	SpeedMS     // their milliseconds to the end
	measures
)

// Columns is how many measures have a column.
const Columns = int(Prompt) + 2

// Measures is how many there are.
const Measures = int(measures)

// Sums has a value for every measure.
type Sums [measures]int64

// Tally is the sum over some requests. The zero Tally is that over none.
type Tally struct {
	Sums
	Latency, Time, Speed Histogram // milliseconds, milliseconds, thousandths of tokens per second
}

// Sample is what of one request is counted. NewSample makes it, Charge completes it.
type Sample struct {
	Facet
	Sums
	latency, time, speed int64 // 0: not known
}

// throughputTokens is the shortest answer that says something about throughput.
const throughputTokens = 10

// NewSample is what the record says.
func NewSample(r *generation.Record) Sample {
	s := Sample{Facet: facetOf(r)}
	s.Sums[Requests] = 1
	s.Sums[List] = int64(r.List)
	if r.Outcome == generation.Failed || r.Outcome == generation.Broken || r.Outcome == generation.Lost {
		s.Sums[Errors] = 1
	}
	if len(r.Attempts) > 1 {
		s.Sums[Fallbacks] = 1
	}
	s.use(&r.Usage)
	if r.Outcome != generation.Failed && r.Outcome != generation.Lost {
		s.clock(r)
	}
	return s
}

func (s *Sample) use(u *llm.Usage) {
	s.Sums[Prompt], s.Sums[Completion] = u.Prompt(), u.Completion()
	s.Sums[CacheRead], s.Sums[CacheWrite] = u.CacheRead, u.CacheWrites()
	s.Sums[AudioInput], s.Sums[ImageInput], s.Sums[VideoInput] = u.AudioInput, u.ImageInput, u.VideoInput
	s.Sums[Reasoning], s.Sums[AudioOutput], s.Sums[ImageOutput] = u.Reasoning, u.AudioOutput, u.ImageOutput
	s.Sums[WebSearches], s.Sums[WebFetches], s.Sums[Images] = u.WebSearches, u.WebFetches, u.Images
	s.Sums[Searches], s.Sums[Characters], s.Sums[AudioMillis] = u.Searches, u.Characters, u.AudioMillis
}

func (s *Sample) clock(r *generation.Record) {
	if r.LatencyMS > 0 {
		s.latency, s.Sums[LatencyMS], s.Sums[LatencyCount] = r.LatencyMS, r.LatencyMS, 1
	}
	if r.GenerationMS <= 0 {
		return
	}
	s.time, s.Sums[TimeMS], s.Sums[TimeCount] = r.GenerationMS, r.GenerationMS, 1
	if tokens := s.Sums[Completion]; tokens >= throughputTokens && tokens < math.MaxInt64/1_000_000 {
		s.speed = tokens * 1_000_000 / r.GenerationMS
		s.Sums[SpeedTokens], s.Sums[SpeedMS] = tokens, r.GenerationMS
	}
}

// Charge sets what the settlement decided.
func (s *Sample) Charge(cost, loss, elsewhere money.Amount) {
	s.Sums[Cost], s.Sums[Loss], s.Sums[Elsewhere] = int64(cost), int64(loss), int64(elsewhere)
}

// Count adds one request.
func (t *Tally) Count(s *Sample) {
	t.Sums.add(&s.Sums)
	t.Latency.Count(s.latency)
	t.Time.Count(s.time)
	t.Speed.Count(s.speed)
}

// Add adds the requests of another tally, which it does not keep.
func (t *Tally) Add(o *Tally) {
	t.Sums.add(&o.Sums)
	t.Latency.add(o.Latency)
	t.Time.add(o.Time)
	t.Speed.add(o.Speed)
}

func (s *Sums) add(o *Sums) {
	for i, v := range o {
		s[i] = plus(s[i], v)
	}
}

// plus stops at the ends: a sum that wrapped around would be a lie nobody sees. Amounts do
// not come there, the ledger refuses what does not fit.
func plus(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

package analytics

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestSample(t *testing.T) {
	t.Parallel()
	s := NewSample(&generation.Record{
		Workspace: "w", Member: "ann", Key: "k", Model: "a/m", Provider: "P", Endpoint: "e", API: "completions", Outcome: generation.Completed, BYOK: true,
		Referer: "https://app.test:8443/x?y", Usage: llm.Usage{Input: 1, CacheRead: 2, CacheWrite: 3, CacheWrite5m: 4, CacheWrite1h: 5, AudioInput: 6, ImageInput: 7, VideoInput: 8,
			Output: 9, Reasoning: 10, AudioOutput: 11, ImageOutput: 12, WebSearches: 13, WebFetches: 14, Images: 15, Searches: 16, Characters: 17, AudioMillis: 18},
		List: 70, LatencyMS: 250, GenerationMS: 2000, Attempts: make([]generation.Attempt, 2),
	})
	s.Charge(50, 20, 70)
	want := Sums{Requests: 1, Cost: 50, Loss: 20, Elsewhere: 70, Prompt: 36, Completion: 42, List: 70, CacheRead: 2, CacheWrite: 12, AudioInput: 6, ImageInput: 7, VideoInput: 8,
		Reasoning: 10, AudioOutput: 11, ImageOutput: 12, WebSearches: 13, WebFetches: 14, Images: 15, Searches: 16, Characters: 17, AudioMillis: 18,
		Fallbacks: 1, LatencyMS: 250, LatencyCount: 1, TimeMS: 2000, TimeCount: 1, SpeedTokens: 42, SpeedMS: 2000}
	if s.Sums != want {
		t.Errorf("got %v, want %v", s.Sums, want)
	}
	facet := Facet{Workspace: "w", Member: "ann", Key: "k", Model: "a/m", Provider: "P", Endpoint: "e", App: "https://app.test:8443", Origin: "https://app.test:8443",
		API: "completions", Outcome: generation.Completed, BYOK: true}
	if s.Facet != facet {
		t.Errorf("got %+v, want %+v", s.Facet, facet)
	}
	if s.speed != 21_000 {
		t.Errorf("%d thousandths of tokens per second", s.speed)
	}
}

// A request that no endpoint answered says nothing about their speed, and one that was cut
// short by the client is no error.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[generation.Outcome][2]int64{
		generation.Completed: {0, 1}, generation.Empty: {0, 1}, generation.Failed: {1, 0},
		generation.Broken: {1, 1}, generation.Cancelled: {0, 1}, generation.Lost: {1, 0},
	} {
		s := NewSample(&generation.Record{Outcome: outcome, LatencyMS: 5, GenerationMS: 9, Title: "My App", Referer: "not a url"})
		if s.Sums[Errors] != want[0] || s.Sums[LatencyCount] != want[1] || s.Sums[TimeCount] != want[1] || s.App != "My App" || s.Origin != "" {
			t.Errorf("%s: %+v", outcome, s)
		}
	}
}

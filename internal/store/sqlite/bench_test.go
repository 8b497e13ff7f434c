//go:build unix

package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

func processCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// typical is a record like one of a chat request.
func typical(i int64) *generation.Record {
	id := fmt.Sprintf("gen-01jd%022d", i)
	return &generation.Record{
		ID: id, Created: storetest.Noon, Account: "acme", Key: benchKey, Workspace: "default", API: "completions",
		Surface: "openai-chat", Asked: "openai/gpt-4o", Model: "openai/gpt-4o", Endpoint: "openai/gpt-4o@openai",
		Provider: "OpenAI", Upstream: fmt.Sprintf("chatcmpl-%016x", uint64(i)*0x9e3779b97f4a7c15), Streamed: true,
		Finish: llm.FinishStop, Native: "stop", Outcome: generation.Completed, UsageState: "reported",
		Usage:     llm.Usage{State: llm.UsageReported, Input: 812, Output: 240, CacheRead: 100},
		Lines:     []generation.ChargeLine{{Class: "input", Units: 812, Price: 2_500_000_000}, {Class: "output", Units: 240, Price: 10_000_000_000}},
		LatencyMS: 412, GenerationMS: 2031, PromptBytes: 3200, AnswerBytes: 1100,
		Attempts:  []generation.Attempt{{Endpoint: "openai/gpt-4o@openai", Provider: "OpenAI", Model: "gpt-4o", Status: 200, HeadersMS: 400, FirstMS: 412, EndMS: 2031}},
		Decision:  &generation.Decision{Catalog: "2026-03-04", Health: 812, Seed: 77, Steps: []generation.Chosen{{Endpoint: "openai/gpt-4o@openai", Reasons: []string{"price"}}}},
		UserAgent: "OpenAI/Python 1.99.0",
	}
}

const benchKey = "abababababababababababababababababababababababababababababababab"

func benchStore(b *testing.B, o Options) *Store {
	s := mustOpen(b, filepath.Join(b.TempDir(), "bench.db"), o)
	b.Cleanup(func() { s.Close() })
	if err := s.Transfer(context.Background(), ledger.Transfer{Ref: "g", Debit: ledger.Issued, Credit: "acme", Amount: 1e9 * money.Dollar, At: storetest.Noon}); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchHold(id string) ledger.Hold {
	return ledger.Hold{ID: ledger.HoldID(id), Account: "acme", Spender: ledger.Spender{Key: benchKey}, Amount: 5000, At: storetest.Noon,
		Limits: []ledger.Limit{{Cap: 1e9 * money.Dollar, Window: "daily"}}}
}

// BenchmarkPlace is the decision alone; the holds are released outside the time.
func BenchmarkPlace(b *testing.B) {
	s := benchStore(b, Options{Linger: time.Hour})
	ids := make([]string, 4096)
	for i := range ids {
		ids[i] = fmt.Sprintf("gen-01jd%022d", i)
	}
	h := benchHold("")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		h.ID = ledger.HoldID(ids[n])
		if err := s.Place(context.Background(), h); err != nil {
			b.Fatal(err)
		}
		if n++; n == len(ids) {
			b.StopTimer()
			n = 0
			s.mu.Lock()
			for _, id := range ids {
				s.queue.resolve(s.book.take(ledger.HoldID(id)))
			}
			s.queue.placed = s.queue.placed[:0]
			s.mu.Unlock()
			b.StartTimer()
		}
	}
}

// BenchmarkPlaceSettle waits for each settlement to be durable. µs-cpu/op is the whole
// process's.
func BenchmarkPlaceSettle(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(callers, " callers"), func(b *testing.B) { placeSettle(b, callers, 1, false) })
	}
	b.Run("16 callers awaiting holds", func(b *testing.B) { placeSettle(b, 16, 1, true) })
	b.Run("16 callers of 200 models", func(b *testing.B) { placeSettle(b, 16, 200, false) })
}

// placeSettle has callers ask for as many models, which the sums tell apart.
func placeSettle(b *testing.B, callers int, models int64, await bool) {
	s := benchStore(b, Options{})
	ctx := context.Background()
	names := make([]string, models)
	for i := range names {
		names[i] = fmt.Sprint("author/model-", i)
	}
	var next atomic.Int64
	var done sync.WaitGroup
	b.ReportAllocs()
	cpu := processCPU()
	b.ResetTimer()
	for range callers {
		done.Go(func() {
			rec := typical(0)
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				rec.ID = fmt.Sprintf("gen-01jd%022d", i)
				rec.Upstream = fmt.Sprintf("chatcmpl-%016x", uint64(i)*0x9e3779b97f4a7c15)
				rec.Model = names[i%models]
				if err := s.Place(ctx, benchHold(rec.ID)); err != nil {
					b.Error(err)
					return
				}
				if await {
					if err := s.AwaitHold(ctx, ledger.HoldID(rec.ID)); err != nil {
						b.Error(err)
						return
					}
				}
				if _, err := s.Settle(ctx, ledger.Settlement{Hold: ledger.HoldID(rec.ID), Cost: 3000, At: storetest.Noon}, rec); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	b.ReportMetric(float64((processCPU()-cpu).Nanoseconds())/1000/float64(b.N), "µs-cpu/op")
	b.ReportMetric(float64(b.N)/float64(s.durable), "ops/batch")
}

// BenchmarkGeneration looks a record up among 100,000: the newest, and one that is not
// there, which asks every bucket.
func BenchmarkGeneration(b *testing.B) {
	s := benchStore(b, Options{})
	const many = 100_000
	var done sync.WaitGroup
	for worker := range 64 {
		done.Go(func() {
			for i := int64(worker); i < many; i += 64 {
				rec := typical(i)
				if err := s.Place(context.Background(), benchHold(rec.ID)); err != nil {
					b.Error(err)
				}
				if _, err := s.Settle(context.Background(), ledger.Settlement{Hold: ledger.HoldID(rec.ID), Cost: 3000, At: storetest.Noon}, rec); err != nil {
					b.Error(err)
				}
			}
		})
	}
	done.Wait()
	for _, c := range []struct{ name, id string }{
		{"newest", typical(many - 1).ID}, {"oldest", typical(1).ID}, {"oldest by upstream", typical(1).Upstream}, {"none", "gen-none"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Generation(context.Background(), c.id); err != nil && c.name != "none" {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("audit", func(b *testing.B) {
		for b.Loop() {
			clean(b, s)
		}
	})
	b.Run("reopen", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "new.db")
		mustOpen(b, path, Options{}).Close()
		for b.Loop() {
			mustOpen(b, path, Options{}).Close()
		}
	})
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			mustOpen(b, filepath.Join(b.TempDir(), "new.db"), Options{}).Close()
		}
	})
}

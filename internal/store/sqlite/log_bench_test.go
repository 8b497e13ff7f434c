//go:build unix

package sqlite

import (
	goflag "flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

var (
	logged = goflag.Int("logged", 60_000, "records BenchmarkLog searches, over 30 days")
	logDB  = goflag.String("logdb", "", "file that BenchmarkLog keeps them in; \"\": a temporary one")
)

// BenchmarkLog searches the log of a month. For ten million requests:
// -logged 10000000 -logdb FILE, which takes 10 GB.
func BenchmarkLog(b *testing.B) {
	path := *logDB
	if path == "" {
		path = b.TempDir() + "/log.db"
	}
	s := mustOpen(b, path, Options{})
	b.Cleanup(func() { s.Close() })
	end := storetest.Noon.Truncate(24 * time.Hour)
	seedLog(b, s, end.AddDate(0, 0, -30))
	if info, err := os.Stat(path); err == nil {
		b.Logf("%d records, %d MB", s.writer.last, info.Size()>>20)
	}
	is := func(field, value string) map[string][]string { return map[string][]string{field: {value}} }
	for _, c := range []struct {
		name string
		f    store.LogFilter
	}{
		{"newest", store.LogFilter{}},
		{"newest 500", store.LogFilter{Limit: 500}},
		{"common model", store.LogFilter{Values: is("model", "author/model-0")}},
		{"rare model", store.LogFilter{Values: is("model", "author/model-39")}},
		{"rare key", store.LogFilter{Values: is("api_key_hash", fmt.Sprintf("%064x", 19))}},
		{"unused key", store.LogFilter{Values: is("api_key_hash", "none")}},
		{"failed", store.LogFilter{Values: is("outcome", "failed")}},
		{"failed of a rare key", store.LogFilter{Values: map[string][]string{"outcome": {"failed"}, "api_key_hash": {fmt.Sprintf("%064x", 19)}}}},
		{"rare finish", store.LogFilter{Values: is("finish_reason", "content_filter")}},
		{"app", store.LogFilter{Values: is("app", "app 3")}},
		{"a session", store.LogFilter{Values: is("session_id", fmt.Sprint("session-", *logged/20))}},
		{"a user", store.LogFilter{Values: is("external_user", "user-77")}},
		{"slow", store.LogFilter{MinLatency: 2195}},
		{"slower than any", store.LogFilter{MinLatency: 5000}},
		{"an hour three weeks ago", store.LogFilter{From: end.AddDate(0, 0, -21), To: end.AddDate(0, 0, -21).Add(time.Hour)}},
		{"a model three weeks ago", store.LogFilter{To: end.AddDate(0, 0, -21), Values: is("model", "author/model-20")}},
		{"part of an id", store.LogFilter{ID: "00123456"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.f.Account = "acme"
			if c.f.Limit == 0 {
				c.f.Limit = 50
			}
			var took []time.Duration
			var page store.LogPage
			cpu := processCPU()
			for b.Loop() {
				began := time.Now()
				var err error
				if page, err = s.Log(b.Context(), c.f); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
			b.ReportMetric(float64((processCPU()-cpu).Microseconds())/1000/float64(b.N), "ms-cpu/op")
			b.ReportMetric(float64(len(page.Records)), "records")
			if !page.End && len(page.Records) < c.f.Limit {
				b.Logf("searched back to record %d", page.Last)
			}
		})
	}
}

// seedLog writes records, without their sums, unless they are there.
func seedLog(b *testing.B, s *Store, start time.Time) {
	t := newTraffic()
	step := 30 * 24 * time.Hour / time.Duration(*logged)
	s.whenIdle(func() {
		for n := int(s.writer.last); n < *logged; {
			batch := newBatch(0)
			for range min(4096, *logged-n) {
				n++
				batch.rows = append(batch.rows, t.logged(n, start.Add(step*time.Duration(n))))
			}
			if err := s.writer.write(batch, s.writer.entry); err != nil {
				b.Fatal(err)
			}
			if err := s.writer.nameRecords(); err != nil {
				b.Fatal(err)
			}
			for _, r := range batch.rows {
				r.free()
			}
		}
	})
	signal(s.filled)
	for {
		var digested int64
		if err := s.read.QueryRow(`SELECT coalesce(max(bucket), -1) FROM digests`).Scan(&digested); err != nil {
			b.Fatal(err)
		}
		if bucketEnd(digested+1) > s.writer.named.Load() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// logged is a row with what only the log looks at: ten requests a session, a thousand users.
func (t *traffic) logged(n int, at time.Time) *row {
	rec := t.record(at)
	rec.Session, rec.User = fmt.Sprint("session-", n/10), fmt.Sprint("user-", t.rnd.IntN(1000))
	if t.rnd.IntN(100_000) == 0 {
		rec.Finish = "content_filter"
	}
	return t.charged(rec)
}

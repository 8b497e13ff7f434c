//go:build unix

package sqlite

import (
	goflag "flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

var (
	sums    = goflag.Int("sums", 200_000, "requests whose sums alone BenchmarkAnalytics queries, over 30 days")
	records = goflag.Int("records", 20_000, "records BenchmarkAnalytics writes into the last day of them")
)

// traffic makes rows as 20 keys in 4 workspaces make them with 40 models of 2 endpoints each
// for one of 6 apps; the few are used much more than the many.
type traffic struct {
	rnd  *rand.Rand
	zipf [2]*rand.Zipf
	n    int64
}

func newTraffic() *traffic {
	r := rand.New(rand.NewPCG(1, 2))
	return &traffic{rnd: r, zipf: [2]*rand.Zipf{rand.NewZipf(r, 1.4, 2, 39), rand.NewZipf(r, 1.3, 2, 19)}}
}

func (t *traffic) row(at time.Time) *row { return t.charged(t.record(at)) }

func (t *traffic) record(at time.Time) *generation.Record {
	t.n++
	model, key := t.zipf[0].Uint64(), t.zipf[1].Uint64()
	rec := typical(t.n)
	rec.Model, rec.Provider = fmt.Sprint("author/model-", model), fmt.Sprint("Provider ", model%7)
	rec.Endpoint = fmt.Sprint("provider-", model%7, "/", rec.Model)
	rec.Title = fmt.Sprint("app ", key%6)
	rec.Created, rec.LatencyMS = at, 200+t.rnd.Int64N(2000)
	rec.GenerationMS = rec.LatencyMS + t.rnd.Int64N(20_000)
	rec.Usage = llm.Usage{State: llm.UsageReported, Input: t.rnd.Int64N(4000), Output: 10 + t.rnd.Int64N(900), CacheRead: t.rnd.Int64N(500)}
	if t.rnd.IntN(50) == 0 {
		rec.Outcome = generation.Failed
	}
	rec.Key, rec.Workspace = fmt.Sprintf("%064x", key), fmt.Sprint("workspace-", key%4)
	return rec
}

// charged is the row of a record that cost the account something.
func (t *traffic) charged(rec *generation.Record) *row {
	r := newRow(rec)
	r.account, r.Key, r.Workspace = "acme", account.KeyHash(rec.Key), rec.Workspace
	r.cost, r.day, r.settled = 1000+r.cost, r.created/86_400_000_000, r.created
	r.charge()
	return r
}

// BenchmarkAnalytics asks questions of a month of traffic. For ten million requests:
// -sums 10000000 -records 500000.
func BenchmarkAnalytics(b *testing.B) {
	s := benchStore(b, Options{})
	end := storetest.Noon.Truncate(24 * time.Hour)
	start := end.AddDate(0, 0, -30)
	began := time.Now()
	seedSums(b, s, start, end)
	b.Logf("%d requests counted in %v", *sums, time.Since(began))
	seedRecords(b, s, end)
	var rows [2]int64
	var size int64
	if err := s.read.QueryRow(`SELECT count(*) FILTER (WHERE grain = 3600), count(*) FILTER (WHERE grain = 86400), sum(length(rest)) FROM rollups`).Scan(&rows[0], &rows[1], &size); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d rows by hour, %d by day, %d bytes of sums each", rows[0], rows[1], size/(rows[0]+rows[1]))
	for _, c := range []struct {
		name, ask string
		from, to  time.Time
	}{
		{"30 days by model", `{"metrics":["request_count","total_usage","tokens_total"],"dimensions":["model"]}`, start, end},
		{"30 days by day and key", `{"metrics":["request_count","total_usage"],"dimensions":["api_key_id"],"granularity":"day"}`, start, end},
		{"30 days p90 by model", `{"metrics":["p90_latency","avg_throughput"],"dimensions":["model"]}`, start, end},
		{"30 days by hour", `{"metrics":["request_count"],"granularity":"hour"}`, start, end},
		{"30 days by hour and model p90", `{"metrics":["p90_latency"],"dimensions":["model"],"granularity":"hour"}`, start, end},
		{"7 days by hour and model", `{"metrics":["request_count"],"dimensions":["model"],"granularity":"hour"}`, end.AddDate(0, 0, -7), end},
		{"a day by model, uneven", `{"metrics":["request_count"],"dimensions":["model"]}`, end.Add(17 * time.Minute), end.Add(20*time.Hour + 31*time.Minute)},
		{"an hour by minute", `{"metrics":["request_count"],"granularity":"minute"}`, end.Add(5 * time.Hour), end.Add(6 * time.Hour)},
	} {
		b.Run(c.name, func(b *testing.B) {
			cpu := processCPU()
			for b.Loop() {
				ask, err := analytics.ReadAsk([]byte(c.ask))
				if err != nil {
					b.Fatal(err)
				}
				ask.TimeRange = &analytics.AskRange{Start: c.from.Format(time.RFC3339), End: c.to.Format(time.RFC3339)}
				q, err := analytics.New(ask, end.AddDate(0, 0, 2))
				if err != nil {
					b.Fatal(err)
				}
				table := analytics.NewTable(q)
				if _, err := s.Tally(b.Context(), q.Span("acme"), q.Want(), table.Add); err != nil {
					b.Fatal(err)
				}
				if out := table.Result(func(string, string) any { return nil }); len(out.Rows) == 0 {
					b.Fatal("no rows")
				}
			}
			b.ReportMetric(float64((processCPU()-cpu).Microseconds())/1000/float64(b.N), "ms-cpu/op")
		})
	}
}

// seedSums counts requests that have no record.
func seedSums(b *testing.B, s *Store, start, end time.Time) {
	t := newTraffic()
	step := end.Sub(start) / time.Duration(*sums)
	s.whenIdle(func() {
		for n := 0; n < *sums; n += 4096 {
			err := s.writer.transact(func() error {
				s.writer.rollups.bound()
				for i := n; i < min(n+4096, *sums); i++ {
					r := t.row(start.Add(step * time.Duration(i)))
					if err := s.writer.rollups.count(r, 1); err != nil {
						return err
					}
					r.free()
				}
				return s.writer.rollups.flush()
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// seedRecords writes records of one day.
func seedRecords(b *testing.B, s *Store, start time.Time) {
	t := newTraffic()
	step := 24 * time.Hour / time.Duration(*records)
	s.whenIdle(func() {
		batch := newBatch(0)
		for i := range *records {
			batch.rows = append(batch.rows, t.row(start.Add(step*time.Duration(i))))
			if len(batch.rows) < 256 && i < *records-1 {
				continue
			}
			if err := s.writer.write(batch, s.writer.entry); err != nil {
				b.Fatal(err)
			}
			batch.reset()
		}
	})
}

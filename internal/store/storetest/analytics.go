package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// busy settles requests of two accounts over three days and returns their records.
func busy(t *testing.T, s store.Store, rnd *rand.Rand, many int) []*generation.Record {
	t.Helper()
	var out []*generation.Record
	for i := range many {
		rec := record(fmt.Sprint("gen-busy-", i))
		rec.Account = []string{"acme", "acme", "other"}[rnd.IntN(3)]
		rec.Created = Noon.Add(time.Duration(rnd.Int64N(int64(72 * time.Hour)))).Truncate(time.Microsecond)
		rec.Model, rec.Endpoint, rec.Provider = fmt.Sprint("a/m", rnd.IntN(3)), fmt.Sprint("e", rnd.IntN(2)), "P"
		rec.Key, rec.Member, rec.Workspace, rec.API = fmt.Sprint("k", rnd.IntN(2)), "ann", "w", "completions"
		rec.Referer, rec.BYOK = "https://app.test/x", rnd.IntN(2) == 0
		rec.Usage = llm.Usage{Input: rnd.Int64N(5000), Output: rnd.Int64N(900), CacheRead: rnd.Int64N(100), Reasoning: rnd.Int64N(50)}
		rec.LatencyMS, rec.GenerationMS = rnd.Int64N(3000), rnd.Int64N(60_000)
		rec.List = money.Amount(rnd.Int64N(1000))
		h := hold(rec.ID, 0)
		h.Account, h.At, h.Spender = ledger.AccountID(rec.Account), rec.Created, ledger.Spender{Key: "k", Member: "ann", Workspace: "w"}
		rec.Key = "k"
		must(t, s.Place(ctx(t), h))
		_, err := s.Settle(ctx(t), ledger.Settlement{Hold: h.ID, Cost: money.Amount(rnd.Int64N(1000)), Loss: money.Amount(rnd.Int64N(9)), BYOK: rec.List, At: rec.Created.Add(time.Minute)}, rec)
		must(t, err)
		out = append(out, rec)
	}
	return out
}

// counted is what the records of a span sum to, one by one.
func counted(records []*generation.Record, span analytics.Span) *analytics.Tally {
	sum := &analytics.Tally{}
	for _, r := range records {
		if r.Account != span.Account || r.Created.Before(span.From) || !r.Created.Before(span.To) {
			continue
		}
		sample := analytics.NewSample(r)
		sample.Charge(r.Cost, r.Loss, r.List)
		sum.Count(&sample)
	}
	return sum
}

// tallied is what the store says of a span.
func tallied(t *testing.T, s store.Store, span analytics.Span) *analytics.Tally {
	t.Helper()
	sum := &analytics.Tally{}
	coverage, err := s.Tally(ctx(t), span, analytics.All(), func(p *analytics.Piece) error {
		if p.Facet.Member != "ann" || p.Facet.Origin != "https://app.test" || (p.ID != "") != (p.FacetID == 0) {
			t.Errorf("a piece of %+v, id %q, facet %d", *p.Facet, p.ID, p.FacetID)
		}
		sum.Add(p.Tally)
		return nil
	})
	must(t, err)
	same(t, "coverage", coverage, analytics.Coverage{})
	return sum
}

func sums(t *testing.T, db Database) {
	s := db.Store()
	for _, id := range []ledger.AccountID{"acme", "other"} {
		must(t, s.OpenAccount(ctx(t), id, true))
	}
	const seed = 7
	rnd := rand.New(rand.NewPCG(seed, seed))
	records := busy(t, s, rnd, 400)
	for range 2 {
		for range 20 {
			from := Noon.Add(time.Duration(rnd.Int64N(int64(80 * time.Hour)))).Truncate(time.Second).Add(-4 * time.Hour)
			span := analytics.Span{Account: "acme", From: from, To: from.Add(time.Duration(rnd.Int64N(int64(60 * time.Hour)))).Truncate(time.Second)}
			if rnd.IntN(2) == 0 {
				span.From, span.To = span.From.Truncate(time.Hour), span.To.Truncate(time.Hour).Add(time.Hour)
			}
			want := counted(records, span)
			for _, span.Grain = range []analytics.Grain{analytics.Days, analytics.Hours, analytics.Records} {
				same(t, fmt.Sprintf("%+v", span), fmt.Sprint(*tallied(t, s, span)), fmt.Sprint(*want))
			}
		}
		same(t, "nobody's", fmt.Sprint(*tallied(t, s, analytics.Span{Account: "nobody", To: Noon.AddDate(1, 0, 0)})), fmt.Sprint(analytics.Tally{}))
		s = db.Reopen()
	}
}

// Whoever has waited for a settlement finds it in the sums.
func sumsAtOnce(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 1000)
	span := analytics.Span{Account: "acme", From: Noon, To: Noon.Add(time.Hour)}
	for i := range 40 {
		must(t, s.Place(ctx(t), hold(fmt.Sprint("gen-", i), 10)))
		settle(t, s, fmt.Sprint("gen-", i), 10)
		for _, span.Grain = range []analytics.Grain{analytics.Hours, analytics.Records} {
			var requests int64
			_, err := s.Tally(ctx(t), span, analytics.All(), func(p *analytics.Piece) error {
				requests += p.Tally.Sums[analytics.Requests]
				return nil
			})
			must(t, err)
			same(t, "requests", requests, int64(i+1))
		}
	}
}

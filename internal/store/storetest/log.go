package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// ended settles requests of two accounts, one a second, and returns their records in order.
func ended(t *testing.T, s store.Store, rnd *rand.Rand, many int) []*generation.Record {
	t.Helper()
	var out []*generation.Record
	for i := range many {
		rec := record(fmt.Sprintf("gen-log-%05d", i))
		rec.Account = []string{"acme", "acme", "other"}[rnd.IntN(3)]
		at := Noon.Add(time.Duration(i) * time.Second)
		rec.Created = at.Add(-time.Duration(rnd.Int64N(int64(time.Hour)))).Truncate(time.Microsecond)
		rec.Model, rec.Asked, rec.Provider = fmt.Sprint("a/m", rnd.IntN(3)), `a"m`, "P"
		rec.Outcome = []generation.Outcome{generation.Completed, generation.Failed}[rnd.IntN(2)]
		rec.Finish = []llm.Finish{llm.FinishStop, llm.FinishLength}[rnd.IntN(2)]
		rec.Session, rec.User, rec.Title = fmt.Sprint("s", i/100), fmt.Sprint("u", rnd.IntN(4)), fmt.Sprintf(`App "Ü%d"`, i%2)
		rec.Upstream, rec.RequestID = fmt.Sprintf("up-%05d", i), fmt.Sprintf(`req"%05d`, i)
		if i%3 == 0 {
			rec.Title, rec.Referer = "", "https://app.test/x"
		}
		rec.Streamed, rec.LatencyMS = rnd.IntN(2) == 0, rnd.Int64N(3000)
		h := hold(rec.ID, 0)
		h.Account, h.At, h.Spender = ledger.AccountID(rec.Account), rec.Created, ledger.Spender{Key: "k", Member: "ann", Workspace: "w"}
		rec.Key, rec.Member, rec.Workspace = "k", "ann", "w"
		must(t, s.Place(ctx(t), h))
		_, err := s.Settle(ctx(t), ledger.Settlement{Hold: h.ID, Cost: money.Amount(rnd.Int64N(1000)), At: at}, rec)
		must(t, err)
		out = append(out, rec)
	}
	return out
}

// read reads the log to its end, and checks that the pages go on from one another.
func read(t *testing.T, s store.Store, f store.LogFilter) []string {
	t.Helper()
	var ids []string
	for {
		page, err := s.Log(ctx(t), f)
		must(t, err)
		if len(page.Records) > f.Limit {
			t.Fatalf("%d records in a page of %d", len(page.Records), f.Limit)
		}
		for _, r := range page.Records {
			ids = append(ids, r.ID)
		}
		switch {
		case page.End:
			return ids
		case f.Upward && page.Last <= f.After, !f.Upward && f.Before > 0 && page.Last >= f.Before:
			t.Fatalf("the page ends at %d and began with %+v", page.Last, f)
		case f.Upward:
			f.After = page.Last
		default:
			f.Before = page.Last
		}
	}
}

// narrow is a filter of the account, by chance.
func narrow(rnd *rand.Rand, records []*generation.Record) store.LogFilter {
	f := store.LogFilter{Account: "acme", Limit: 1 + rnd.IntN(200), Values: map[string][]string{}, Upward: rnd.IntN(2) == 0}
	one := records[rnd.IntN(len(records))]
	for i := range store.LogFields {
		if rnd.IntN(6) == 0 {
			f.Values[store.LogFields[i].Name] = []string{store.LogFields[i].Of(one), "nothing"}
		}
	}
	switch rnd.IntN(8) {
	case 0:
		f.From = one.Created
	case 1:
		f.To = one.Created
	case 2:
		f.MinCost = one.Cost
	case 3:
		f.MinLatency = one.LatencyMS
	case 4:
		f.Streamed = &one.Streamed
	case 5:
		f.ID = []string{one.ID, one.Upstream, one.RequestID, "log-000"}[rnd.IntN(4)]
	}
	return f
}

func requestLog(t *testing.T, db Database) {
	s := db.Store()
	for _, id := range []ledger.AccountID{"acme", "other"} {
		must(t, s.OpenAccount(ctx(t), id, true))
	}
	const seed = 11
	rnd := rand.New(rand.NewPCG(seed, seed))
	records := ended(t, s, rnd, 2600)
	for range 2 {
		for range 120 {
			f := narrow(rnd, records)
			var want []string
			for _, r := range records {
				if f.Keeps(r) {
					want = append(want, r.ID)
				}
			}
			if !f.Upward {
				slices.Reverse(want)
			}
			got := read(t, s, f)
			same(t, fmt.Sprintf("records of %+v", f), len(got), len(want))
			for i := range got {
				same(t, fmt.Sprintf("record %d of %+v", i, f), got[i], want[i])
			}
		}
		s = db.Reopen()
	}
	page, err := s.Log(ctx(t), store.LogFilter{Account: "acme", Limit: 1, Values: map[string][]string{"session_id": {"s3"}}})
	must(t, err)
	found := page.Records[0]
	whole, err := s.Generation(ctx(t), found.ID)
	must(t, err)
	same(t, "record", fmt.Sprintf("%+v", *found.Record), fmt.Sprintf("%+v", *whole))
	same(t, "newest", page.Newest, int64(len(records)))
}

// Whoever follows the log finds a request as soon as it has ended, once.
func followLog(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 1000)
	f := store.LogFilter{Account: "acme", Upward: true, Limit: 10}
	for i := range 40 {
		id := fmt.Sprint("gen-", i)
		must(t, s.Place(ctx(t), hold(id, 10)))
		settle(t, s, id, 10)
		page, err := s.Log(ctx(t), f)
		must(t, err)
		if len(page.Records) != 1 || page.Records[0].ID != id || !page.End {
			t.Fatalf("after %s: %+v", id, page)
		}
		f.After = page.Newest
	}
}

// The last word about a generation counts.
func feedback(t *testing.T, db Database) {
	s := db.Store()
	_, err := s.Feedback(ctx(t), "acme", "gen-1")
	same(t, "not there", errors.Is(err, store.ErrNotFound), true)
	for _, category := range []string{"latency", "other"} {
		must(t, s.Apply(ctx(t), store.Change{Feedback: []generation.Feedback{{Generation: "gen-1", Account: "acme", At: Noon, Actor: "k", Category: category, Comment: "slow"}}}))
	}
	for range 2 {
		got, err := s.Feedback(ctx(t), "acme", "gen-1")
		must(t, err)
		same(t, "feedback", got, generation.Feedback{Generation: "gen-1", Account: "acme", At: Noon, Actor: "k", Category: "other", Comment: "slow"})
		_, err = s.Feedback(ctx(t), "other", "gen-1")
		same(t, "another's", errors.Is(err, store.ErrNotFound), true)
		s = db.Reopen()
	}
}

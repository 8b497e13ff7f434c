package sqlite

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// TestL7UnderLoad has 200 callers spend one prepaid account through one limited key, with
// upstreams that report more than was held, while a watcher looks at both.
func TestL7UnderLoad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ grant, limit money.Amount }{
		"the account ends first": {100_000, 200_000},
		"the key ends first":     {200_000, 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
			defer s.Close()
			storetest.Fund(t, s, "acme", c.grant)
			limit := []ledger.Limit{{Cap: c.limit, Window: account.Daily}}
			stop := make(chan struct{})
			var watcher, callers sync.WaitGroup
			watcher.Go(func() { watch(t, s, c.grant, c.limit, stop) })
			var served, refused atomic.Int64
			for caller := range 200 {
				callers.Go(func() {
					ok, no := spend(t, s, caller, limit)
					served.Add(ok)
					refused.Add(no)
				})
			}
			callers.Wait()
			close(stop)
			watcher.Wait()
			if served.Load() == 0 || refused.Load() == 0 {
				t.Fatalf("%d served, %d refused: nothing was tested", served.Load(), refused.Load())
			}
			clean(t, s)
		})
	}
}

// watch samples the account and the key until stop.
func watch(t *testing.T, s *Store, grant, limit money.Amount, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Microsecond):
		}
		bal, err := s.Balance(t.Context(), "acme")
		if err != nil || bal.Spent+bal.Held > grant {
			t.Errorf("account: %+v of %s %v", bal, grant, err)
			return
		}
		if u := s.Usage(ledger.Subject{Name: "k"}, storetest.Noon); u.Day+u.Held > limit {
			t.Errorf("key: %+v of %s", u, limit)
			return
		}
	}
}

// spend makes requests of one caller. A refusal must say figures that justify it.
func spend(t *testing.T, s *Store, caller int, limit []ledger.Limit) (served, refused int64) {
	rng := rand.New(rand.NewPCG(uint64(caller), 7))
	for i := range 15 {
		id := fmt.Sprintf("gen-%d-%d", caller, i)
		h := ledger.Hold{ID: ledger.HoldID(id), Account: "acme", Spender: ledger.Spender{Key: "k"}, Limits: limit, Amount: money.Amount(rng.Int64N(100) + 1), At: storetest.Noon}
		if err := s.Place(t.Context(), h); err != nil {
			f := fault.As(err)
			free, ok := f.Metadata["free"].(money.Amount)
			if f.Kind != fault.NoCredit || !ok || f.Metadata["needed"] != h.Amount || free >= h.Amount {
				t.Errorf("refusal of %s: %v %v", h.Amount, err, f.Metadata)
			}
			refused++
			continue
		}
		cost := money.Amount(rng.Int64N(200))
		out, err := s.Settle(t.Context(), ledger.Settlement{Hold: h.ID, Cost: cost, At: storetest.Noon},
			&generation.Record{ID: id, Created: storetest.Noon, Outcome: generation.Completed})
		if err != nil || out.Charged+out.Loss != cost || out.Charged < min(cost, h.Amount) {
			t.Errorf("settle %s of %s: %+v %v", cost, h.Amount, out, err)
		}
		served++
	}
	return served, refused
}

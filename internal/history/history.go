// Package history makes a data directory as a busy installation has it after some months, so
// that pages and queries can be measured on it. Every request is held and settled as the
// gateway does it, so that money, sums and records agree. Start with Fill.
package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/app"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

const accountID = app.DefaultAccount

// Plan is what a history has.
type Plan struct {
	Dir      string    // is made; has no database yet
	Requests int       // at least 1
	Days     int       // that they are spread over, at least 1
	End      time.Time // of the last of them
	Seed     uint64
	Log      io.Writer // how far it has come
}

// Fill makes the history. What it has written when it is stopped is whole, but cannot be gone on with.
func Fill(ctx context.Context, p Plan) error {
	if p.Requests < 1 || p.Days < 1 {
		return errors.New("a history has at least one request and one day")
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(p.Dir, "dragoman.db")
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already; name another directory", path)
	}
	data, err := catalog.Embedded()
	if err != nil {
		return err
	}
	snap, err := catalog.Build(data)
	if err != nil {
		return err
	}
	start := p.End.AddDate(0, 0, -p.Days).Truncate(time.Hour)
	// To the store it is always the beginning: sums that are over would be packed, and changed again.
	s, err := sqlite.Open(path, sqlite.Options{Linger: time.Second, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return start }})
	if err != nil {
		return err
	}
	err = people(ctx, s, p.Seed, start)
	if err == nil {
		err = requests(ctx, s, p, newTraffic(p.Seed, snap, start, p.End))
	}
	return errors.Join(err, s.Close())
}

func workspaceID(i int) string {
	if i == 0 {
		return app.DefaultWorkspace
	}
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1)
}

func memberID(i int) string { return fmt.Sprintf("00000000-0000-4000-9000-%012d", i+1) }

// plainKey is no secret: whoever has the seed can make it.
func plainKey(seed uint64, i int) string {
	var b [32]byte
	copy(b[:], fmt.Sprintf("%x-%d", seed, i))
	return account.NewKey(b)
}

// people makes workspaces, members whom nobody is yet, and keys.
func people(ctx context.Context, s store.Store, seed uint64, at time.Time) error {
	if err := s.OpenAccount(ctx, accountID, true); err != nil {
		return err
	}
	d, err := directory.Open(ctx, s, directory.Options{Account: accountID, Workspace: app.DefaultWorkspace, Policy: policy.Effective{}})
	if err != nil {
		return err
	}
	entry := audit.Entry{At: at, Account: accountID, Actor: "history", Action: "history.fill", Target: accountID, Detail: "{}"}
	return d.Update(ctx, entry, func(tx *directory.Tx) error {
		for i := range memberCount {
			m := &account.Member{ID: memberID(i), Account: accountID, Email: fmt.Sprintf("member-%02d@example.com", i), First: "Member", Last: fmt.Sprint(i), Role: account.Developer, Created: at}
			if err := tx.PutMember(m); err != nil {
				return err
			}
		}
		for i := range workspaceCount - 1 {
			w := &account.Workspace{ID: workspaceID(i + 1), Account: accountID, Name: fmt.Sprint("Workspace ", i+1), Slug: fmt.Sprint("workspace-", i+1), Created: at}
			if err := tx.PutWorkspace(w); err != nil {
				return err
			}
		}
		for i := range keyCount {
			plain := plainKey(seed, i)
			tx.PutKey(&account.Key{Hash: account.HashKey(plain), Label: account.Label(plain), Name: fmt.Sprint("Key ", i), Account: accountID,
				Workspace: workspaceID(i % workspaceCount), Creator: memberID(i % memberCount), Created: at})
		}
		return nil
	})
}

// callers is how many requests are under way at once: the more, the more are written together.
const callers = 2048

func requests(ctx context.Context, s store.Store, p Plan, t *traffic) error {
	var next, done atomic.Int64
	var failed error
	var once sync.Once
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for i := next.Add(1); i <= int64(p.Requests) && ctx.Err() == nil; i = next.Add(1) {
				if err := settle(ctx, s, t.record(int(i)-1, p.Requests)); err != nil {
					once.Do(func() { failed = err; cancel() })
					return
				}
				if n := done.Add(1); n%100_000 == 0 {
					fmt.Fprintf(p.Log, "%d of %d requests\n", n, p.Requests)
				}
			}
		})
	}
	wait.Wait()
	if failed != nil {
		return fmt.Errorf("settle a request: %w", failed)
	}
	return ctx.Err()
}

// settle holds and settles as the gateway does.
func settle(ctx context.Context, s store.Store, rec *generation.Record) error {
	h := ledger.Hold{ID: ledger.HoldID(rec.ID), Account: accountID, Amount: rec.List, At: rec.Created,
		Spender: ledger.Spender{Key: account.KeyHash(rec.Key), Member: rec.Member, Workspace: rec.Workspace}}
	if err := s.Place(ctx, h); err != nil {
		return err
	}
	end := rec.Created.Add(time.Duration(rec.GenerationMS) * time.Millisecond)
	_, err := s.Settle(ctx, ledger.Settlement{Hold: h.ID, Cost: rec.List, At: end}, rec)
	return err
}

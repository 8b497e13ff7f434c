package manage

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

var errBroken = errors.New("disk on fire")

// moody is a store that can be made to fail, or to be slow to change keys.
type moody struct {
	store.Store
	fails error
	slow  time.Duration
}

// empty is a database with the schema and nothing in it: making one takes longer than most
// tests.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "manage")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := sqlite.Open(path, sqlite.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func openStore(t *testing.T) *moody {
	t.Helper()
	path := filepath.Join(canary.Dir(t), "test.db")
	raw, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(path, sqlite.Options{
		Now: func() time.Time { return noon }, Logger: canary.Log(t), SweepEvery: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.OpenAccount(t.Context(), "default", true); err != nil {
		t.Fatal(err)
	}
	return &moody{Store: s}
}

func (m *moody) ListKeys(ctx context.Context, f store.KeyFilter) ([]*account.Key, error) {
	if m.fails != nil {
		return nil, m.fails
	}
	return m.Store.ListKeys(ctx, f)
}

func (m *moody) AuditLog(ctx context.Context, f store.AuditFilter) ([]audit.Entry, error) {
	if m.fails != nil {
		return nil, m.fails
	}
	return m.Store.AuditLog(ctx, f)
}

func (m *moody) Apply(ctx context.Context, c store.Change) error {
	if m.fails != nil {
		return m.fails
	}
	time.Sleep(m.slow)
	return m.Store.Apply(ctx, c)
}

func (m *moody) Balance(ctx context.Context, id ledger.AccountID) (ledger.Balance, error) {
	if m.fails != nil {
		return ledger.Balance{}, m.fails
	}
	return m.Store.Balance(ctx, id)
}

func (m *moody) Transfers(ctx context.Context, of ledger.AccountID, offset, limit int) ([]store.Moved, int, error) {
	if m.fails != nil {
		return nil, 0, m.fails
	}
	return m.Store.Transfers(ctx, of, offset, limit)
}

func (m *moody) Status(ctx context.Context) (store.Status, error) {
	if m.fails != nil {
		return store.Status{}, m.fails
	}
	return m.Store.Status(ctx)
}

func (m *moody) Generation(ctx context.Context, id string) (*generation.Record, error) {
	if m.fails != nil {
		return nil, m.fails
	}
	return m.Store.Generation(ctx, id)
}

func (m *moody) Log(ctx context.Context, f store.LogFilter) (store.LogPage, error) {
	if m.fails != nil {
		return store.LogPage{}, m.fails
	}
	return m.Store.Log(ctx, f)
}

func (m *moody) Tally(ctx context.Context, span analytics.Span, want analytics.Want, each func(*analytics.Piece) error) (analytics.Coverage, error) {
	if m.fails != nil {
		return analytics.Coverage{}, m.fails
	}
	return m.Store.Tally(ctx, span, want, each)
}

// put stores a key as it is.
func (h *house) put(k *account.Key) {
	h.t.Helper()
	if err := h.store.Store.PutKey(h.t.Context(), k); err != nil {
		h.t.Fatal(err)
	}
}

// key is the stored key of a plaintext.
func (h *house) key(plain string) account.Key {
	h.t.Helper()
	k, ok := h.store.Key(account.HashKey(plain))
	if !ok {
		h.t.Fatalf("no key %s", plain)
	}
	return *k
}

// settle charges the record's cost as the gateway does.
func (h *house) settle(rec *generation.Record, byok money.Amount) {
	h.t.Helper()
	hold := ledger.Hold{ID: ledger.HoldID(rec.ID), Account: ledger.AccountID(rec.Account), Spender: ledger.Spender{Key: account.KeyHash(rec.Key)},
		Amount: rec.Cost, BYOK: byok, At: rec.Created, Expires: rec.Created.Add(time.Hour)}
	if err := h.store.Place(h.t.Context(), hold); err != nil {
		h.t.Fatal(err)
	}
	s := ledger.Settlement{Hold: hold.ID, Cost: rec.Cost, Loss: rec.Loss, BYOK: byok, At: rec.Created}
	if _, err := h.store.Settle(h.t.Context(), s, rec); err != nil {
		h.t.Fatal(err)
	}
}

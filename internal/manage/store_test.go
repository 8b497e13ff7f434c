package manage

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
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

func openStore(t *testing.T) *moody {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), sqlite.Options{
		Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), SweepEvery: time.Hour,
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

func (m *moody) PutKey(ctx context.Context, k *account.Key) error {
	if m.fails != nil {
		return m.fails
	}
	time.Sleep(m.slow)
	return m.Store.PutKey(ctx, k)
}

func (m *moody) DeleteKey(ctx context.Context, hash account.KeyHash) error {
	if m.fails != nil {
		return m.fails
	}
	return m.Store.DeleteKey(ctx, hash)
}

func (m *moody) Balance(ctx context.Context, id ledger.AccountID) (ledger.Balance, error) {
	if m.fails != nil {
		return ledger.Balance{}, m.fails
	}
	return m.Store.Balance(ctx, id)
}

func (m *moody) Generation(ctx context.Context, id string) (*generation.Record, error) {
	if m.fails != nil {
		return nil, m.fails
	}
	return m.Store.Generation(ctx, id)
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

package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

func funded(t *testing.T, amount money.Amount) *book {
	t.Helper()
	b := newBook()
	if err := Post(b, Transfer{Ref: "grant", Debit: Issued, Credit: "a", Amount: amount, At: noon}); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRefusalSaysWhichLimitHowMuchAndWhatNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		grant    money.Amount
		hold     Hold
		code     string
		says     []string
		retry    time.Duration
		resetsAt any
	}{
		{"account credit", money.Dollar, Hold{Amount: 2 * money.Dollar}, "insufficient_credits",
			[]string{"may cost up to $2", "account has $1 free", "Add credits"}, 0, nil},
		{"daily", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{Cap: money.Dollar, Window: account.Daily}}}, "key_limit_reached",
			[]string{"$1 of the key's daily limit of $1 is free", "starts again at 2026-03-05 00:00 UTC"}, 12 * time.Hour, "2026-03-05T00:00:00Z"},
		{"weekly", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{Cap: 0, Window: account.Weekly}}}, "key_limit_reached",
			[]string{"weekly limit of $0", "2026-03-09 00:00 UTC"}, 4*24*time.Hour + 12*time.Hour, "2026-03-09T00:00:00Z"},
		{"whole life", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{Cap: money.Dollar}}}, "key_limit_reached",
			[]string{"total limit of $1", "Raise the key's limit"}, 0, nil},
		{"paid elsewhere counts", 9 * money.Dollar, Hold{BYOK: 2 * money.Dollar, Limits: []Limit{{Cap: money.Dollar, IncludeBYOK: true}}}, "key_limit_reached",
			[]string{"may cost up to $2"}, 0, nil},
		{"workspace budget", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{Scope: OfWorkspace, Cap: money.Dollar, Window: account.Monthly}, {Cap: 0}}}, "workspace_budget_exceeded",
			[]string{"Workspace monthly budget of $1 exceeded", "$1 of the workspace's monthly limit of $1 is free", "Contact your org admin"}, 27*24*time.Hour + 12*time.Hour, "2026-04-01T00:00:00Z"},
		{"member", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{Cap: 5 * money.Dollar}, {Scope: OfMember, Cap: money.Dollar}}}, "member_budget_exceeded",
			[]string{"of the member's total limit of $1"}, 0, nil},
		{"guardrail", 9 * money.Dollar, Hold{Amount: 2 * money.Dollar, Limits: []Limit{{By: "interns", Cap: money.Dollar, Window: account.Daily}}}, "guardrail_budget_exceeded",
			[]string{`guardrail "interns" gives this key`, "2026-03-05 00:00 UTC"}, 12 * time.Hour, "2026-03-05T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := funded(t, c.grant)
			c.hold.ID, c.hold.Account, c.hold.Key, c.hold.At = "h", "a", "k", noon
			err := Place(b, c.hold)
			f := fault.As(err)
			if f.Kind != fault.NoCredit || f.Code != c.code || f.RetryAfter != c.retry || f.Metadata["resets_at"] != c.resetsAt {
				t.Fatalf("%+v", f)
			}
			if goes := map[string]int{"payment_required": 402, "permission_denied": 403}[f.ErrorType()]; goes != f.HTTPStatus() {
				t.Errorf("%d with error_type %s", f.HTTPStatus(), f.ErrorType())
			}
			for _, s := range c.says {
				if !strings.Contains(f.Message(), s) {
					t.Errorf("%q does not say %q", f.Message(), s)
				}
			}
			if f.Metadata["needed"] != 2*money.Dollar {
				t.Errorf("metadata %v", f.Metadata)
			}
		})
	}
}

func TestSettlementTakesWhatIsFreeBeyondTheHold(t *testing.T) {
	t.Parallel()
	limit := []Limit{{Cap: 70, Window: account.Daily}}
	for _, c := range []struct {
		name          string
		open          bool
		limit         []Limit
		cost          money.Amount
		charged, loss money.Amount
	}{
		{"within the hold", false, nil, 30, 30, 0},
		{"beyond the hold, within the credit", false, nil, 90, 90, 0},
		{"beyond the credit", false, nil, 130, 100, 30},
		{"beyond the key's limit", false, limit, 90, 70, 20},
		{"postpaid has no floor", true, nil, 130, 130, 0},
		{"postpaid within its key's limit", true, limit, 130, 70, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := funded(t, 100)
			b.open["a"] = c.open
			if err := Place(b, Hold{ID: "h", Account: "a", Spender: Spender{Key: "k"}, Limits: c.limit, Amount: 40, At: noon}); err != nil {
				t.Fatal(err)
			}
			got, err := Settle(b, Settlement{Hold: "h", Cost: c.cost, At: noon.AddDate(0, 0, 1)})
			if err != nil || got != (Outcome{Charged: c.charged, Loss: c.loss}) {
				t.Fatalf("%+v %v", got, err)
			}
			again, err := Settle(b, Settlement{Hold: "h", Cost: c.cost})
			if err != nil || again != (Outcome{Seen: true}) {
				t.Fatalf("L3: second settlement %+v %v", again, err)
			}
		})
	}
}

// A hold that was placed keeps what it reserved, whatever other holds were allowed since.
func TestHoldKeepsItsReservationWhenOtherHoldsHaveMoreRoom(t *testing.T) {
	t.Parallel()
	b := funded(t, 100)
	low, high := []Limit{{Cap: 10}}, []Limit{{Cap: 50}}
	for _, h := range []Hold{{ID: "1", Limits: low, Amount: 5}, {ID: "2", Limits: high, Amount: 40}} {
		h.Account, h.Key, h.At = "a", "k", noon
		if err := Place(b, h); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Settle(b, Settlement{Hold: "1", Cost: 7}); err != nil || got.Charged != 5 || got.Loss != 2 {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestFreeRequestNeedsNoCredit(t *testing.T) {
	t.Parallel()
	if err := Place(newBook(), Hold{ID: "h", Account: "nobody", At: noon}); err != nil {
		t.Fatal(err)
	}
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	b := funded(t, 100)
	h := Hold{Account: "a", Spender: Spender{Key: "k"}, At: noon}
	limited := h
	limited.Limits = []Limit{{Cap: 60}}
	if r, err := Available(b, h); err != nil || r != (Room{Amount: 100}) {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := Available(b, limited); err != nil || r != (Room{Amount: 60}) {
		t.Errorf("%+v %v", r, err)
	}
	b.open["a"] = true
	if r, err := Available(b, h); err != nil || !r.Unlimited {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := Available(b, limited); err != nil || r != (Room{Amount: 60}) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]Transfer{
		"no reference":         {Debit: Issued, Credit: "a", Amount: 1},
		"a settlement's ref":   {Ref: "settle:gen-1", Debit: Issued, Credit: "a", Amount: 1},
		"nothing":              {Ref: "r", Debit: Issued, Credit: "a"},
		"a negative amount":    {Ref: "r", Debit: Issued, Credit: "a", Amount: -1},
		"one account":          {Ref: "r", Debit: Issued, Credit: Issued, Amount: 1},
		"customer to customer": {Ref: "r", Debit: "a", Credit: "b", Amount: 1},
		"more than there is":   {Ref: "r", Debit: "a", Credit: Issued, Amount: 101},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := funded(t, 100)
			if err := Post(b, tr); err == nil {
				t.Fatal("moved")
			}
		})
	}
}

// The second try of a correction is no error although the credit it took is gone.
func TestL6KnownRefMovesNothing(t *testing.T) {
	t.Parallel()
	b := funded(t, 100)
	for range 2 {
		if err := Post(b, Transfer{Ref: "back", Debit: "a", Credit: Issued, Amount: 100}); err != nil {
			t.Fatal(err)
		}
	}
	if bal, err := b.Lock("a"); err != nil || bal != (Balance{}) {
		t.Fatalf("%+v %v", bal, err)
	}
}

func TestBalanceAfterNoticesOverflow(t *testing.T) {
	t.Parallel()
	b := Balance{Posted: 1, Granted: 1}
	if got, err := b.After("a", Transfer{Debit: Issued, Credit: "a", Amount: 1<<63 - 1}); err != money.ErrOverflow || got != b {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestNegativeAmountsAreRefusedBeforeAnythingMoves(t *testing.T) {
	t.Parallel()
	b := funded(t, 100)
	if err := Place(b, Hold{ID: "h", Account: "a", Amount: -1}); err == nil {
		t.Error("negative hold")
	}
	if err := Place(b, Hold{ID: "h", Account: "a", Amount: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := Settle(b, Settlement{Hold: "h", Cost: -1}); err == nil || len(b.holds) != 1 {
		t.Errorf("negative cost: %v, holds %v", err, b.holds)
	}
}

// Package storetest is the contract of store.Store as a test that every database passes.
// Start with Run.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Noon is the moment the contract's requests are made, a Wednesday.
var Noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// A Database is one test's empty database. Reopen closes the store if it is open and
// opens the same data again.
type Database interface {
	Store() store.Store
	Reopen() store.Store
}

// Run runs the contract. open makes an empty database that ends with the test.
func Run(t *testing.T, open func(t *testing.T) Database) {
	for name, test := range map[string]func(*testing.T, Database){
		"a settlement and its record outlive a restart": settlementIsDurable,
		"a hold is resolved once":                       resolvedOnce,
		"a refusal says why":                            refusal,
		"a known reference moves nothing":               knownReference,
		"transfers are listed, the newest first":        transfers,
		"a postpaid account has no floor":               postpaid,
		"an account in debt does not become prepaid":    debt,
		"windows are those of the hold's time":          windows,
		"members and workspaces have limits too":        subjects,
		"what is paid elsewhere is counted apart":       byok,
		"a hold can be awaited at any stage":            await,
		"an open hold is released by a restart":         lost,
		"room is what a hold may take":                  room,
		"keys outlive a restart":                        keys,
		"keys are listed in order and filtered":         keyList,
		"a change of management is one":                 changes,
		"each account's audit log is a chain":           auditLog,
		"a record is found by both its ids":             findRecord,
		"what is not there is not found":                notFound,
		"sums are those of the records":                 sums,
		"a settlement is in the sums at once":           sumsAtOnce,
		"the log is the records, narrowed and in pages": requestLog,
		"the last feedback counts":                      feedback,
		"the log can be followed":                       followLog,
		"its state can be asked for":                    status,
		"a settlement must be of its record's hold":     mismatch,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func ctx(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %+v, want %+v", what, got, want)
	}
}

// Fund opens a prepaid account and grants it an amount.
func Fund(t *testing.T, s store.Store, id ledger.AccountID, amount money.Amount) {
	t.Helper()
	must(t, s.OpenAccount(ctx(t), id, false))
	must(t, s.Transfer(ctx(t), ledger.Transfer{Ref: "grant:" + string(id), Debit: ledger.Issued, Credit: id, Amount: amount, At: Noon}))
}

func hold(id string, amount money.Amount) ledger.Hold {
	return ledger.Hold{ID: ledger.HoldID(id), Account: "acme", Spender: ledger.Spender{Key: "k"}, Amount: amount, At: Noon, Expires: Noon.Add(time.Hour)}
}

func record(id string) *generation.Record {
	return &generation.Record{ID: id, Created: Noon, Account: "acme", Key: "k", Model: "a/m", Outcome: generation.Completed, Upstream: "up-" + id}
}

func settle(t *testing.T, s store.Store, id string, cost money.Amount) ledger.Outcome {
	t.Helper()
	out, err := s.Settle(ctx(t), ledger.Settlement{Hold: ledger.HoldID(id), Cost: cost, At: Noon.Add(time.Minute)}, record(id))
	must(t, err)
	return out
}

func balance(t *testing.T, s store.Store, id ledger.AccountID) ledger.Balance {
	t.Helper()
	b, err := s.Balance(ctx(t), id)
	must(t, err)
	return b
}

func settlementIsDurable(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 60)))
	same(t, "held", balance(t, s, "acme"), ledger.Balance{Posted: 100, Held: 60, Granted: 100})
	rec := record("gen-1")
	out, err := s.Settle(ctx(t), ledger.Settlement{Hold: "gen-1", Cost: 130, Loss: 7, At: Noon}, rec)
	must(t, err)
	same(t, "outcome", out, ledger.Outcome{Charged: 100, Loss: 37})
	same(t, "record's cost", rec.Cost, 100)
	same(t, "record's loss", rec.Loss, 37)
	for range 2 {
		same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 0, Granted: 100, Spent: 100})
		same(t, "revenue", balance(t, s, ledger.Revenue).Posted, 137)
		same(t, "operator loss", balance(t, s, ledger.OperatorLoss).Posted, -37)
		got, err := s.Generation(ctx(t), "gen-1")
		must(t, err)
		same(t, "stored cost", got.Cost, 100)
		same(t, "stored loss", got.Loss, 37)
		same(t, "stored time", got.Created, Noon)
		s = db.Reopen()
	}
}

func resolvedOnce(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 60)))
	if err := s.Place(ctx(t), hold("gen-1", 1)); err == nil {
		t.Fatal("a second hold of the same id")
	}
	settle(t, s, "gen-1", 10)
	for range 2 {
		same(t, "again", settle(t, s, "gen-1", 20), ledger.Outcome{Seen: true})
		same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 90, Granted: 100, Spent: 10})
		s = db.Reopen()
	}
}

func refusal(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	h := hold("gen-1", 101)
	if f := fault.As(s.Place(ctx(t), h)); f.Kind != fault.NoCredit || f.Code != "insufficient_credits" {
		t.Fatalf("%+v", f)
	}
	h.Amount, h.Limits = 51, []ledger.Limit{{Cap: 50, Window: account.Daily}}
	if f := fault.As(s.Place(ctx(t), h)); f.Kind != fault.NoCredit || f.Code != "key_limit_reached" || f.RetryAfter != 12*time.Hour {
		t.Fatalf("%+v", f)
	}
	same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 100, Granted: 100})
	h.Account, h.Limits = "nobody", nil
	if f := fault.As(s.Place(ctx(t), h)); f.Kind != fault.NoCredit {
		t.Fatalf("%+v", f)
	}
}

func knownReference(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	back := ledger.Transfer{Ref: "back", Debit: "acme", Credit: ledger.Issued, Amount: 80, At: Noon}
	for range 2 {
		Fund(t, s, "acme", 100)
		for _, other := range []ledger.Transfer{{Debit: ledger.Issued, Credit: "acme", Amount: 55}, {Debit: ledger.Issued, Credit: "other", Amount: 100}, {Debit: "acme", Credit: ledger.Issued, Amount: 100}} {
			other.Ref, other.At = "grant:acme", Noon
			if err := s.Transfer(ctx(t), other); fault.Of(err) != fault.Conflict {
				t.Fatalf("one reference moved two things: %v", err)
			}
		}
		must(t, s.Transfer(ctx(t), back))
		same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 20, Granted: 20})
		s = db.Reopen()
	}
	back.Ref = "more"
	if err := s.Transfer(ctx(t), back); fault.Of(err) != fault.Conflict {
		t.Fatalf("took back what is not there: %v", err)
	}
	same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 20, Granted: 20})
}

func transfers(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	Fund(t, s, "other", 7)
	later := Noon.Add(time.Hour)
	back := ledger.Transfer{Ref: "back", Debit: "acme", Credit: ledger.Issued, Amount: 30, At: later, Note: "a mistake"}
	for range 2 {
		must(t, s.Transfer(ctx(t), back, audit.Entry{At: later, Account: "acme", Actor: "ann", Action: "credit.take", Target: "back", Detail: "{}"}))
	}
	must(t, s.Apply(ctx(t), store.Change{Audit: []audit.Entry{{At: later.Add(time.Hour), Account: "acme", Actor: "ben", Action: "x", Target: "back"}}}))
	want := []store.Moved{
		{Transfer: back, Actor: "ann"},
		{Transfer: ledger.Transfer{Ref: "grant:acme", Debit: ledger.Issued, Credit: "acme", Amount: 100, At: Noon}},
	}
	for range 2 {
		for _, c := range []struct {
			offset, limit int
			want          []store.Moved
		}{{0, 9, want}, {0, 1, want[:1]}, {1, 1, want[1:]}, {2, 9, nil}} {
			got, total, err := s.Transfers(ctx(t), "acme", c.offset, c.limit)
			must(t, err)
			if !reflect.DeepEqual(got, c.want) || total != 2 {
				t.Errorf("from %d at most %d: %d of %+v, want %+v", c.offset, c.limit, total, got, c.want)
			}
		}
		s = db.Reopen()
	}
}

func status(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 60)))
	must(t, s.AwaitHold(ctx(t), "gen-1"))
	got, err := s.Status(ctx(t))
	must(t, err)
	if got.Kind == "" || got.Schema == 0 || got.Bytes == 0 || got.Holds != 1 || got.Queued != 0 || got.Failing != nil {
		t.Fatalf("%+v", got)
	}
	settle(t, s, "gen-1", 1)
	got, err = s.Status(ctx(t))
	must(t, err)
	same(t, "open holds", got.Holds, 0)
}

func postpaid(t *testing.T, db Database) {
	s := db.Store()
	must(t, s.OpenAccount(ctx(t), "acme", true))
	for i := range 2 {
		id := fmt.Sprint("gen-", i)
		must(t, s.Place(ctx(t), hold(id, 60)))
		same(t, "outcome", settle(t, s, id, 75), ledger.Outcome{Charged: 75})
		s = db.Reopen()
	}
	same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: -150, Spent: 150, Open: true})
}

func debt(t *testing.T, db Database) {
	s := db.Store()
	must(t, s.OpenAccount(ctx(t), "acme", true))
	must(t, s.Place(ctx(t), hold("gen-1", 60)))
	settle(t, s, "gen-1", 60)
	if err := s.OpenAccount(ctx(t), "acme", false); fault.Of(err) != fault.Conflict {
		t.Fatal(err)
	}
	must(t, s.Transfer(ctx(t), ledger.Transfer{Ref: "r", Debit: ledger.Issued, Credit: "acme", Amount: 60, At: Noon}))
	must(t, s.OpenAccount(ctx(t), "acme", false))
	same(t, "balance", balance(t, db.Reopen(), "acme"), ledger.Balance{Granted: 60, Spent: 60})
}

func windows(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 1000)
	h := hold("gen-1", 60)
	h.At = time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC) // a Tuesday
	h.Limits = []ledger.Limit{{Cap: 100, Window: account.Daily}}
	after := h.At.Add(2 * time.Minute)
	must(t, s.Place(ctx(t), h))
	next := h
	next.ID, next.At, next.Amount = "gen-2", after, 100
	must(t, s.Place(ctx(t), next))
	same(t, "gen-1", settle(t, s, "gen-1", 70), ledger.Outcome{Charged: 70})
	same(t, "gen-2", settle(t, s, "gen-2", 90), ledger.Outcome{Charged: 90})
	last := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for range 2 {
		same(t, "yesterday", s.Usage(ledger.Subject{Name: "k"}, h.At), account.Usage{Total: 160, Day: 70, Week: 160, Month: 70, Last: last})
		same(t, "today", s.Usage(ledger.Subject{Name: "k"}, after), account.Usage{Total: 160, Day: 90, Week: 160, Month: 90, Last: last})
		same(t, "next year", s.Usage(ledger.Subject{Name: "k"}, after.AddDate(1, 0, 0)), account.Usage{Total: 160, Last: last})
		next.ID, next.Amount = "gen-3", 11
		if err := s.Place(ctx(t), next); fault.Of(err) != fault.NoCredit {
			t.Fatalf("over the day's limit: %v", err)
		}
		s = db.Reopen()
	}
}

func subjects(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 1000)
	h := hold("gen-1", 40)
	h.Spender = ledger.Spender{Key: "k1", Member: "ann", Workspace: "w"}
	h.Limits = []ledger.Limit{{Scope: ledger.OfWorkspace, Cap: 100, Window: account.Monthly}, {Scope: ledger.OfMember, Cap: 60}}
	must(t, s.Place(ctx(t), h))
	other := h
	other.ID, other.Key, other.Amount = "gen-2", "k2", 21
	if f := fault.As(s.Place(ctx(t), other)); f.Code != "member_budget_exceeded" {
		t.Fatalf("another key of the member: %+v", f)
	}
	other.Member, other.Amount = "bob", 61
	if f := fault.As(s.Place(ctx(t), other)); f.Code != "workspace_budget_exceeded" || f.HTTPStatus() != 403 {
		t.Fatalf("another member of the workspace: %+v", f)
	}
	other.Amount = 60
	must(t, s.Place(ctx(t), other))
	same(t, "beyond every limit", settle(t, s, "gen-1", 50), ledger.Outcome{Charged: 40, Loss: 10})
	same(t, "less than was held", settle(t, s, "gen-2", 25), ledger.Outcome{Charged: 25})
	for range 2 {
		for of, want := range map[ledger.Subject]money.Amount{
			{Scope: ledger.OfKey, Name: "k1"}: 40, {Scope: ledger.OfKey, Name: "k2"}: 25,
			{Scope: ledger.OfMember, Name: "ann"}: 40, {Scope: ledger.OfMember, Name: "bob"}: 25,
			{Scope: ledger.OfWorkspace, Name: "w"}: 65, {Scope: ledger.OfWorkspace, Name: "k1"}: 0,
		} {
			same(t, of.Name, s.Usage(of, Noon).Month, want)
		}
		rec, err := s.Generation(ctx(t), "gen-1")
		must(t, err)
		same(t, "record", rec.Member+" in "+rec.Workspace, "ann in w")
		s = db.Reopen()
	}
}

func byok(t *testing.T, db Database) {
	s := db.Store()
	h := hold("gen-1", 0)
	h.BYOK, h.Limits = 60, []ledger.Limit{{Cap: 100, IncludeBYOK: true}}
	must(t, s.Place(ctx(t), h)) // without any credit
	over := h
	over.ID = "gen-2"
	if err := s.Place(ctx(t), over); fault.Of(err) != fault.NoCredit {
		t.Fatalf("60 held of 100: %v", err)
	}
	_, err := s.Settle(ctx(t), ledger.Settlement{Hold: "gen-1", BYOK: 50, At: Noon}, record("gen-1"))
	must(t, err)
	want := account.Usage{BYOKTotal: 50, BYOKDay: 50, BYOKWeek: 50, BYOKMonth: 50, Last: Noon.Truncate(24 * time.Hour)}
	same(t, "usage", s.Usage(ledger.Subject{Name: "k"}, Noon), want)
	same(t, "usage", db.Reopen().Usage(ledger.Subject{Name: "k"}, Noon), want)
}

func await(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 1)))
	must(t, s.AwaitHold(ctx(t), "gen-1")) // queued
	must(t, s.AwaitHold(ctx(t), "gen-1")) // written
	settle(t, s, "gen-1", 1)
	must(t, s.AwaitHold(ctx(t), "gen-1")) // resolved
	must(t, s.AwaitHold(ctx(t), "never placed"))
}

func lost(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 60)))
	must(t, s.AwaitHold(ctx(t), "gen-1"))
	s = db.Reopen()
	same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 100, Granted: 100})
	same(t, "held by the key", s.Usage(ledger.Subject{Name: "k"}, Noon), account.Usage{})
	rec, err := s.Generation(ctx(t), "gen-1")
	must(t, err)
	same(t, "outcome", rec.Outcome, generation.Lost)
	same(t, "account", rec.Account, "acme")
	same(t, "cost", rec.Cost, 0)
	same(t, "late settlement", settle(t, s, "gen-1", 10), ledger.Outcome{Seen: true})
}

func room(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	h := hold("gen-1", 30)
	must(t, s.Place(ctx(t), h))
	same(t, "account", s.Available(h), ledger.Room{Amount: 70})
	h.Limits = []ledger.Limit{{Cap: 50}}
	same(t, "key", s.Available(h), ledger.Room{Amount: 20})
	must(t, s.OpenAccount(ctx(t), "later", true))
	h.Account, h.Limits = "later", nil
	same(t, "postpaid", s.Available(h), ledger.Room{Unlimited: true})
}

func keys(t *testing.T, db Database) {
	s := db.Store()
	limit := 5 * money.Dollar
	k := account.Key{Hash: "k1", Label: "sk-…", Name: "n", Account: "acme", Workspace: "w", Creator: "me", Created: Noon,
		Updated: Noon.Add(time.Second), Expires: Noon.Add(time.Hour), Limit: &limit, LimitReset: account.Weekly, IncludeBYOK: true,
		Extras: account.Extras{Models: []string{"a/b"}, Networks: []string{"10.0.0.0/8"}, Labels: map[string]string{"team": "x"},
			Guardrail: account.Assignment{ID: "as", Guardrail: "g", By: "me", At: Noon}}}
	must(t, s.PutKey(ctx(t), &k))
	limit = 0 // the store has its own copy
	for range 2 {
		got, ok := s.Key("k1")
		if !ok || *got.Limit != 5*money.Dollar {
			t.Fatalf("%+v %v", got, ok)
		}
		if flat := flatten(got); !reflect.DeepEqual(flat, flatten(&k)) {
			t.Fatalf("got %+v, want %+v", flat, flatten(&k))
		}
		s = db.Reopen()
	}
	must(t, s.PutKey(ctx(t), &account.Key{Hash: "k1", Created: Noon, Disabled: true}))
	s = db.Reopen()
	got, _ := s.Key("k1")
	if !reflect.DeepEqual(*got, account.Key{Hash: "k1", Created: Noon, Disabled: true}) {
		t.Fatalf("replaced: %+v", got)
	}
	must(t, s.Apply(ctx(t), store.Change{Gone: []account.KeyHash{"k1"}}))
	s = db.Reopen()
	if _, ok := s.Key("k1"); ok {
		t.Fatal("deleted key is back")
	}
}

func flatten(k *account.Key) account.Key {
	c := *k
	c.Limit = nil
	return c
}

func changes(t *testing.T, db Database) {
	s := db.Store()
	doc := []byte(`{"a":1}`)
	must(t, s.Apply(ctx(t), store.Change{
		Keys:   []*account.Key{{Hash: "k1", Created: Noon}, {Hash: "k2", Created: Noon}},
		Things: []store.Thing{{Kind: "workspace", ID: "1", Doc: doc}, {Kind: "guardrail", ID: "1", Doc: doc}, {Kind: "guardrail", ID: "2", Doc: doc}},
	}))
	doc[1] = '!' // the store has its own copy
	err := s.Apply(ctx(t), store.Change{Gone: []account.KeyHash{"k1", "none"}, Things: []store.Thing{{Kind: "guardrail", ID: "1"}}})
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("a key that is not there: %v", err)
	}
	must(t, s.Apply(ctx(t), store.Change{Gone: []account.KeyHash{"k2"}, Things: []store.Thing{{Kind: "guardrail", ID: "2"}, {Kind: "workspace", ID: "1", Doc: []byte(`{"a":2}`)}}}))
	for range 2 {
		_, first := s.Key("k1")
		_, second := s.Key("k2")
		if !first || second {
			t.Fatalf("keys: %v %v", first, second)
		}
		var all []string
		must(t, s.Things(ctx(t), func(th store.Thing) error {
			all = append(all, th.Kind+th.ID+string(th.Doc))
			return nil
		}))
		same(t, "things", fmt.Sprint(all), `[guardrail1{"a":1} workspace1{"a":2}]`)
		s = db.Reopen()
	}
}

func auditLog(t *testing.T, db Database) {
	s := db.Store()
	for _, e := range []audit.Entry{{Account: "a", Action: "one"}, {Account: "b", Action: "two"}, {Account: "a", Action: "three"}} {
		e.At = Noon
		must(t, s.Apply(ctx(t), store.Change{Audit: []audit.Entry{e}}))
		s = db.Reopen()
	}
	list := func(f store.AuditFilter) (out string) {
		log, err := s.AuditLog(ctx(t), f)
		must(t, err)
		for i := range log {
			out += log[i].Action + " "
		}
		return out
	}
	same(t, "nobody", list(store.AuditFilter{}), "")
	same(t, "account", list(store.AuditFilter{Account: "a"}), "three one ")
	same(t, "another", list(store.AuditFilter{Account: "b"}), "two ")
	same(t, "page", list(store.AuditFilter{Account: "a", Before: 2, Limit: 1}), "one ")
	for _, of := range []string{"a", "b"} {
		log, err := s.AuditLog(ctx(t), store.AuditFilter{Account: of})
		must(t, err)
		var chain audit.Chain
		for i := range log {
			must(t, chain.Next(&log[len(log)-1-i]))
		}
	}
}

func keyList(t *testing.T, db Database) {
	s := db.Store()
	for i, k := range []account.Key{
		{Hash: "c", Workspace: "w"}, {Hash: "a"}, {Hash: "b", Disabled: true}, {Hash: "m", Management: true}, {Hash: "d"},
	} {
		k.Created = Noon.Add(time.Duration(i) * time.Second)
		must(t, s.PutKey(ctx(t), &k))
	}
	for _, c := range []struct {
		f    store.KeyFilter
		want string
	}{
		{store.KeyFilter{}, "[c a d]"},
		{store.KeyFilter{IncludeDisabled: true}, "[c a b d]"},
		{store.KeyFilter{Management: true}, "[m]"},
		{store.KeyFilter{Workspace: "w"}, "[c]"},
		{store.KeyFilter{Offset: 1, Limit: 1}, "[a]"},
		{store.KeyFilter{Keep: func(k *account.Key) bool { return k.Hash > "b" }}, "[c d]"},
		{store.KeyFilter{Offset: 9, Limit: 1}, "[]"},
	} {
		list, err := s.ListKeys(ctx(t), c.f)
		must(t, err)
		hashes := []account.KeyHash{}
		for _, k := range list {
			hashes = append(hashes, k.Hash)
		}
		same(t, fmt.Sprintf("%+v", c.f), fmt.Sprint(hashes), c.want)
	}
	// What is counted for a key is known by those that replaced it.
	for i, hash := range []account.KeyHash{"f", "e"} {
		must(t, s.PutKey(ctx(t), &account.Key{Hash: hash, Created: Noon.Add(time.Duration(10-i) * time.Hour), Extras: account.Extras{Family: "c"}}))
	}
	for _, want := range []account.KeyHash{"c", "f", "e", ""} {
		for range 2 {
			k, ok := s.KeyOf("c")
			if ok != (want != "") || ok && k.Hash != want {
				t.Errorf("the key of c is %v, want %q", k, want)
			}
			s = db.Reopen()
		}
		if want != "" {
			must(t, s.Apply(ctx(t), store.Change{Gone: []account.KeyHash{want}}))
		}
	}
}

func findRecord(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", money.Dollar)
	const many = 1500
	for i := range many {
		must(t, s.Place(ctx(t), hold(fmt.Sprint("gen-", i), 10)))
		settle(t, s, fmt.Sprint("gen-", i), 10)
	}
	for range 2 {
		for _, i := range []int{0, 700, many - 1} {
			for _, id := range []string{fmt.Sprint("gen-", i), fmt.Sprint("up-gen-", i)} {
				rec, err := s.Generation(ctx(t), id)
				must(t, err)
				same(t, id, rec.ID, fmt.Sprint("gen-", i))
			}
		}
		s = db.Reopen()
	}
}

func notFound(t *testing.T, db Database) {
	s := db.Store()
	_, record := s.Generation(ctx(t), "gen-1")
	_, unnamed := s.Generation(ctx(t), "")
	_, bal := s.Balance(ctx(t), "nobody")
	for what, err := range map[string]error{"record": record, "unnamed": unnamed, "balance": bal, "key": s.Apply(ctx(t), store.Change{Gone: []account.KeyHash{"k"}})} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func mismatch(t *testing.T, db Database) {
	s := db.Store()
	Fund(t, s, "acme", 100)
	must(t, s.Place(ctx(t), hold("gen-1", 1)))
	for _, rec := range []*generation.Record{nil, record("gen-2")} {
		if _, err := s.Settle(ctx(t), ledger.Settlement{Hold: "gen-1", Cost: 1, At: Noon}, rec); err == nil {
			t.Fatal("settled without its record")
		}
	}
	same(t, "balance", balance(t, s, "acme"), ledger.Balance{Posted: 100, Held: 1, Granted: 100})
}

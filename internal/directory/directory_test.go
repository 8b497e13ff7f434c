package directory

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func openStore(t *testing.T, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{Logger: canary.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openDirectory(t *testing.T, s store.Store) *Directory {
	t.Helper()
	d, err := Open(t.Context(), s, Options{Account: "a", Workspace: "w0"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func update(t *testing.T, d *Directory, f func(*Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), audit.Entry{At: noon, Account: "a"}, f); err != nil {
		t.Fatal(err)
	}
}

func TestEverythingOutlivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(canary.Dir(t), "d.db")
	s := openStore(t, path)
	d := openDirectory(t, s)
	limit := 5 * money.Dollar
	yes := true
	update(t, d, func(tx *Tx) error {
		return errors.Join(
			tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Name: "One", Slug: "one", Budgets: []account.Budget{{Window: account.Daily, Limit: 7}}}),
			tx.PutMember(&account.Member{ID: "m1", Account: "a", Email: "m@example.com", Role: account.Viewer, Guardrail: account.Assignment{Guardrail: "g1"}}),
			tx.PutGuardrail(&account.Guardrail{ID: "g1", Account: "a", Name: "g", Limit: &limit, ZDR: &yes}))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path)
	defer s.Close()
	d = openDirectory(t, s)
	r := d.Governs(&account.Key{Account: "a", Workspace: "w1", Creator: "m1"})
	if len(r.Limits) != 2 || r.Limits[0].Cap != 7 || r.Limits[1].Cap != limit || r.Policy.ZDR != "guardrail g" {
		t.Errorf("%+v", r)
	}
	if w, ok := d.Workspace("a", "one"); !ok || w.Name != "One" {
		t.Error("the workspace is not found by its slug")
	}
}

func TestARefusedChangeChangesNothing(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	update(t, d, func(tx *Tx) error { return tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Slug: "one"}) })
	err := d.Update(t.Context(), audit.Entry{}, func(tx *Tx) error {
		if err := tx.PutGuardrail(&account.Guardrail{ID: "g1", Account: "a"}); err != nil {
			return err
		}
		return tx.PutWorkspace(&account.Workspace{ID: "w2", Account: "a", Slug: "one"})
	})
	if fault.Of(err) != fault.Invalid {
		t.Fatal(err)
	}
	if _, there := d.Guardrail("a", "g1"); there {
		t.Error("half of a refused change is in memory")
	}
	if log, err := s.AuditLog(t.Context(), store.AuditFilter{Account: "a"}); err != nil || len(log) != 1 {
		t.Errorf("the log has %d entries: %v", len(log), err)
	}
	update(t, d, func(tx *Tx) error { return tx.PutWorkspace(&account.Workspace{ID: "w2", Account: "b", Slug: "one"}) })
}

// A change that the disk refuses is not in memory either.
func TestAChangeIsDurableBeforeItIsSeen(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	d := openDirectory(t, s)
	s.Close()
	err := d.Update(context.Background(), audit.Entry{}, func(tx *Tx) error { return tx.PutMember(&account.Member{ID: "m", Account: "a"}) })
	if _, there := d.Member("a", "m"); err == nil || there {
		t.Errorf("%v %v", err, there)
	}
}

// Who leaves while a change is being written leaves memory and disk agreed.
func TestAChangeGoesOnWithoutItsCaller(t *testing.T) {
	t.Parallel()
	path := filepath.Join(canary.Dir(t), "d.db")
	s := openStore(t, path)
	d := openDirectory(t, s)
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := range 20 {
		id := fmt.Sprint("m", i)
		err := d.Update(gone, audit.Entry{At: noon, Account: "a"}, func(tx *Tx) error { return tx.PutMember(&account.Member{ID: id, Account: "a", Email: id}) })
		if _, there := d.Member("a", id); err != nil || !there {
			t.Fatalf("%s: %v %v", id, err, there)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path)
	defer s.Close()
	if n := len(openDirectory(t, s).Members("a")); n != 20 {
		t.Errorf("%d members on disk", n)
	}
}

func TestRulesFollowEveryChange(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	k := &account.Key{Account: "a", Workspace: "w0", Creator: "m"}
	for i := range 20 {
		limit := money.Amount(i + 1)
		update(t, d, func(tx *Tx) error {
			return errors.Join(
				tx.PutGuardrail(&account.Guardrail{ID: DefaultGuardrail("w0"), Account: "a", Name: "d", Limit: &limit}),
				tx.PutMember(&account.Member{ID: "m", Account: "a", Disabled: i%2 == 0}))
		})
		if r := d.Governs(k); len(r.Limits) != 2 || r.Limits[0].Cap != limit || (r.Disabled != "") != (i%2 == 0) {
			t.Fatalf("change %d: %+v", i, r)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 25 {
				id := fmt.Sprint(i, "-", j)
				err := d.Update(context.Background(), audit.Entry{}, func(tx *Tx) error {
					return tx.PutWorkspace(&account.Workspace{ID: id, Account: "a", Slug: id})
				})
				if _, there := d.Workspace("a", id); err != nil || !there {
					t.Error(id, err)
				}
				d.Governs(&account.Key{Workspace: id})
				d.Workspaces("a")
			}
		})
	}
	all.Wait()
	if n := len(d.Workspaces("a")); n != 101 {
		t.Errorf("%d workspaces", n)
	}
}

// One more guardrail never permits more: no endpoint that was out comes in, no limit grows
// or goes.
func TestAGuardrailOnlyTightens(t *testing.T) {
	t.Parallel()
	snap := someCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		d := &Directory{ruled: map[subject]*Rules{}, compiled: map[string]*filter.Set{}, present: present{
			workspaces: map[string]*account.Workspace{"w": {ID: "w", Account: "a"}},
			members:    map[string]*account.Member{"m": {ID: "m", Account: "a"}},
			guardrails: map[string]*account.Guardrail{},
		}}
		k := &account.Key{Account: "a", Workspace: "w", Creator: "m"}
		model := rapid.SampledFrom([]string{"openai/gpt", "anthropic/claude", "acme/free"}).Draw(t, "model")
		before := d.rules(subject{"w", "m", ""})
		places := []string{DefaultGuardrail("w"), "of-member", "of-key"}
		for i, id := range rapid.Permutation(places).Draw(t, "order") {
			g := anyGuardrail(t)
			g.ID, g.Account, g.Name = id, "a", fmt.Sprint("g", i)
			d.guardrails[id] = g
			switch id {
			case "of-member":
				d.members["m"] = &account.Member{ID: "m", Account: "a", Guardrail: account.Assignment{Guardrail: id}}
			case "of-key":
				k.Guardrail.Guardrail = id
			}
			after := d.rules(subject{"w", "m", k.Guardrail.Guardrail})
			was, is := steps(t, snap, model, before.For(k)), steps(t, snap, model, after.For(k))
			for e := range is {
				if !was[e] {
					t.Fatalf("%+v let %s in", g, e)
				}
			}
			for _, l := range before.Limits {
				found := false
				for _, m := range after.Limits {
					found = found || m == l
				}
				if !found {
					t.Fatalf("limit %+v is gone", l)
				}
			}
			before = after
		}
	})
}

func TestRegionsOfAGuardrail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ list, want []string }{
		{nil, nil},
		{[]string{"global"}, nil},
		{[]string{"us", "global"}, nil},
		{[]string{"us"}, []string{"us"}},
		{[]string{"europe", "us"}, []string{"europe", "us", "eu"}},
	} {
		if got := Layer(&account.Guardrail{Regions: c.list}).Regions; !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.list, got, c.want)
		}
	}
}

func anyGuardrail(t *rapid.T) *account.Guardrail {
	g := &account.Guardrail{}
	list := func(name string, of ...string) []string {
		if !rapid.Bool().Draw(t, name) {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, 2, rapid.ID[string]).Draw(t, name+" list")
	}
	g.Models = list("models", "openai/*", "anthropic/claude", "acme/free")
	g.IgnoreModels = list("ignored models", "openai/gpt", "acme/*")
	g.Providers = list("providers", "one", "two", "three")
	g.IgnoreProviders = list("ignored providers", "one", "three")
	g.Regions = list("regions", "eu", "us", "europe", "global")
	for _, flag := range []**bool{&g.ZDR, &g.ZDRAnthropic, &g.ZDROpenAI, &g.ZDROther, &g.PaidTraining, &g.FreeTraining, &g.FreePublication} {
		if rapid.IntRange(0, 3).Draw(t, "flag") == 0 {
			v := rapid.Bool().Draw(t, "value")
			*flag = &v
		}
	}
	if rapid.Bool().Draw(t, "limited") {
		limit := money.Amount(rapid.Int64Range(0, 100).Draw(t, "limit"))
		g.Limit, g.Window = &limit, rapid.SampledFrom([]account.Window{account.Never, account.Daily}).Draw(t, "window")
	}
	return g
}

func steps(t *rapid.T, snap *catalog.Snapshot, model string, p policy.Effective) map[string]bool {
	plan, err := route.New(route.Input{Request: &llm.Request{From: llm.OpenAIChat, Choices: 1}, Health: health.Empty, Policy: p, Revision: "r",
		Models: []route.Candidates{{Model: model, Endpoints: snap.Endpoints(model)}}})
	if err != nil && fault.Of(err) != fault.NoRoute {
		t.Fatal(err)
	}
	in := map[string]bool{}
	for _, s := range plan.Steps {
		in[s.Endpoint.ID] = true
	}
	return in
}

// someCatalog has three models at three providers that do different things with prompts.
func someCatalog(t *testing.T) *catalog.Snapshot {
	t.Helper()
	price := &catalog.Pricing{Rates: catalog.Rates{Prompt: 1, Completion: 1}}
	o := catalog.Overlay{Origin: "test", Credentials: []string{"one", "two", "three"}}
	for _, p := range []catalog.Provider{
		{Slug: "one", Name: "One", BaseURL: "https://one.test/v1", Data: catalog.DataPolicy{Trains: catalog.No, Retains: catalog.No, Publishes: catalog.No}},
		{Slug: "two", Name: "Two", BaseURL: "https://two.test/v1", Data: catalog.DataPolicy{Trains: catalog.No, Retains: catalog.Yes, Publishes: catalog.No}},
		{Slug: "three", Name: "Three", BaseURL: "https://three.test/v1"},
	} {
		o.Providers = append(o.Providers, catalog.ProviderRow{Provider: p})
		for i, m := range []string{"openai/gpt", "anthropic/claude", "acme/free"} {
			e := catalog.EndpointRow{Provider: p.Slug, Model: m, Pricing: price, Region: []string{"eu", "us", ""}[i]}
			if m == "acme/free" {
				e.Pricing = &catalog.Pricing{Free: true}
			}
			o.Endpoints = append(o.Endpoints, e)
		}
	}
	for _, m := range []string{"openai/gpt", "anthropic/claude", "acme/free"} {
		o.Models = append(o.Models, catalog.ModelRow{Model: catalog.Model{Slug: m, Name: m}})
	}
	snap, err := catalog.Build(&catalog.Data{Revision: "test"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func BenchmarkGoverns(b *testing.B) {
	d := &Directory{ruled: map[subject]*Rules{}, compiled: map[string]*filter.Set{}, present: present{workspaces: map[string]*account.Workspace{}}}
	for i := range 10_000 {
		id := fmt.Sprint("00000000-0000-4000-8000-", i)
		d.workspaces[id] = &account.Workspace{ID: id}
	}
	k := &account.Key{Workspace: "00000000-0000-4000-8000-77", Creator: "00000000-0000-4000-8000-78"}
	b.ReportAllocs()
	for b.Loop() {
		d.Governs(k)
	}
}

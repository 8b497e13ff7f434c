package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// Whoever changes the file by hand is found out.
func TestAuditFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, rule, says string }{
		"a balance":         {`UPDATE accounts SET posted = posted + 1 WHERE id = 'acme'`, "L5", "account acme is stored as"},
		"a sum":             {`UPDATE accounts SET posted = posted + 1 WHERE id = 'acme'`, "L1", "sum to"},
		"a charge":          {`UPDATE generations SET cost = cost - 1 WHERE id = 'gen-1'`, "L5", "key k has spent"},
		"a grant":           {`UPDATE transfers SET amount = amount * 2`, "L5", "account acme is in memory as"},
		"a deleted grant":   {`DELETE FROM transfers`, "L5", "its entries give"},
		"a form":            {`UPDATE transfers SET debit = 'other'`, "L1", "from other to acme"},
		"a second record":   {`INSERT INTO generations SELECT n + 1, id, upstream, created, settled, account, key, model, provider, endpoint, outcome, prompt, completion, 0, 0, 0, detail, '', '' FROM generations`, "L6", "more than one record"},
		"a log entry":       {`UPDATE audit SET actor = 'nobody' WHERE n = 1`, "audit", "was changed"},
		"a shorter log":     {`DELETE FROM audit WHERE n = 2`, "audit", `log of "" ends with entry 1, 2 were written`},
		"a log less":        {`DELETE FROM audit WHERE account = 'b'`, "audit", "row 4 of the log follows row 2"},
		"a log more":        {`INSERT INTO audit SELECT 5, n, at, 'c', actor, address, action, target, detail, previous, hash FROM audit WHERE id = 1`, "audit", `log of "c" ends with entry 1, 0 were written`},
		"a resolved hold":   {`INSERT INTO holds VALUES ('gen-1', 'acme', 'k', 1, 0, 0, 0, '', '')`, "record", "gen-1 is open"},
		"a key's day":       {`UPDATE uses SET requests = 2`, "L5", "in 2 requests by its days"},
		"a forgotten key":   {`DELETE FROM uses`, "L5", "key k has spent $0"},
		"a sum's cost":      {`UPDATE rollups SET cost = cost + 1`, "rollup", "1 requests cost $0.000000061"},
		"a forgotten sum":   {`DELETE FROM rollups WHERE grain = 3600`, "rollup", "0 requests"},
		"a day's sum":       {`UPDATE rollups SET loss = 1 WHERE grain = 86400`, "rollup", "by day are not"},
		"a facet":           {`UPDATE facets SET model = 'other'`, "rollup", "model \"other\""},
		"a deleted account": {`DELETE FROM accounts WHERE id = 'acme'`, "L5", "account acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
			defer s.Close()
			storetest.Fund(t, s, "acme", 1000)
			if err := s.Place(t.Context(), testHold("gen-1")); err != nil {
				t.Fatal(err)
			}
			if _, err := settleTest(s, "gen-1", 60); err != nil {
				t.Fatal(err)
			}
			for _, of := range []string{"", "", "b", "c2"} {
				if err := s.Apply(t.Context(), store.Change{Audit: []audit.Entry{{Account: of, At: storetest.Noon}}}); err != nil {
					t.Fatal(err)
				}
			}
			clean(t, s)
			s.whenIdle(func() {
				if err := s.writer.run(c.change); err != nil {
					t.Error(err)
				}
			})
			findings, err := s.Audit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Rule == c.rule && strings.Contains(f.What, strings.ReplaceAll(c.says, "$", "")) {
					return
				}
			}
			t.Fatalf("not found: %v", findings)
		})
	}
}

// Memory that parted from its own holds is found too.
func TestAuditFindsL4InMemory(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	s.mu.Lock()
	s.book.account("acme").Held = 2000
	s.book.usage(ledger.Subject{Name: "k"}).total.Held = 1
	s.mu.Unlock()
	findings, err := s.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	if got := strings.Join(rules, " "); !strings.Contains(got, "L7") || strings.Count(got, "L4") != 2 {
		t.Fatal(findings)
	}
}

package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// atSchema makes a database of an older schema and runs statements on it.
func atSchema(t *testing.T, version int64, statements ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "old.db")
	dsn, err := dataSource(path, "")
	if err != nil {
		t.Fatal(err)
	}
	db, err := pool(dsn, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return path
}

// Use that was counted for keys alone counts for their members and workspaces too.
func TestUseBeforeMembersAndWorkspaces(t *testing.T) {
	t.Parallel()
	path := atSchema(t, 2,
		`INSERT INTO keys VALUES ('k1', '', 'one', 0, 'acme', 'w', 'ann', 0, 1, NULL, NULL, NULL, '', 0),
			('k2', '', 'two', 0, 'acme', 'w', '', 0, 2, NULL, NULL, NULL, '', 0)`,
		`INSERT INTO accounts VALUES ('acme', -60, 0, 60, 1), ('system:revenue', 60, 0, -60, 0)`,
		`INSERT INTO generations (n, id, upstream, created, settled, account, key, model, provider, endpoint, outcome, prompt, completion, cost, loss, byok, detail)
			VALUES (1, 'gen-1', '', 5, 6, 'acme', 'k1', 'm', 'p', 'e', 'completed', 1, 1, 10, 0, 0, '{}'),
			(2, 'gen-2', '', 5, 6, 'acme', 'k2', 'm', 'p', 'e', 'completed', 1, 1, 20, 0, 1, '{}'),
			(3, 'gen-3', '', 5, 6, 'acme', 'deleted', 'm', 'p', 'e', 'completed', 1, 1, 30, 0, 0, '{}')`,
		`INSERT INTO key_days VALUES ('k1', 20000, 10, 0, 1), ('k2', 20000, 20, 1, 1), ('deleted', 20000, 30, 0, 1)`,
	)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last := time.Unix(20000*86400, 0).UTC()
	for of, want := range map[ledger.Subject]account.Usage{
		{Name: "k1"}:                               {Total: 10, Last: last},
		{Name: "deleted"}:                          {Total: 30, Last: last},
		{Scope: ledger.OfMember, Name: "ann"}:      {Total: 10, Last: last},
		{Scope: ledger.OfWorkspace, Name: "w"}:     {Total: 30, BYOKTotal: 1, Last: last},
		{Scope: ledger.OfWorkspace, Name: "other"}: {},
	} {
		if got := s.Usage(of, storetest.Noon); got != want {
			t.Errorf("%v: %+v, want %+v", of, got, want)
		}
	}
	clean(t, s)
	if rec, err := s.Generation(t.Context(), "gen-1"); err != nil || rec.Member != "ann" || rec.Workspace != "w" {
		t.Errorf("%+v %v", rec, err)
	}
}

// The one chain of all accounts becomes one for each, in the order of the entries.
func TestLogsBeforeAccountsHadTheirOwn(t *testing.T) {
	t.Parallel()
	path := atSchema(t, 9, `INSERT INTO audit (n, at, account, actor, address, action, target, detail, previous, hash) VALUES
		(1, 10, 'a', 'ann', '192.0.2.1', 'one', 't', '{"x":1}', x'', x''), (2, 20, 'b', 'ben', '', 'two', 't', '{}', x'', x''), (3, 30, 'a', 'ann', '', 'three', 't', '{}', x'', x'')`)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Apply(t.Context(), store.Change{Audit: []audit.Entry{{Account: "b", Action: "four", At: storetest.Noon}}}); err != nil {
		t.Fatal(err)
	}
	clean(t, s)
	for of, want := range map[string]string{"a": "2 three 1 one ", "b": "2 four 1 two "} {
		log, err := s.AuditLog(t.Context(), store.AuditFilter{Account: of})
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, e := range log {
			fmt.Fprint(&got, e.N, " ", e.Action, " ")
		}
		if got.String() != want {
			t.Errorf("%s: %s, want %s", of, got.String(), want)
		}
		if first := log[len(log)-1]; of == "a" && (first.Actor != "ann" || first.Address != "192.0.2.1" || first.Detail != `{"x":1}` || first.At != fromMicros(10)) {
			t.Errorf("%+v", first)
		}
	}
}

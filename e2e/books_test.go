package e2e

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// books is the ledger as an auditor reads it from the database of a gateway that has
// ended, sharing no code with it. Amounts are nano-dollars.
type books struct {
	holds       int
	spent       map[string]int64 // by account, recomputed from the entries
	generations map[string]int   // by outcome
}

// readBooks checks the invariants of docs/billing.md on the way: entries sum to zero and
// give the stored balances.
func readBooks(t *testing.T, dir string) books {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "dragoman.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b := books{spent: map[string]int64{}, generations: map[string]int{}}
	if err := db.QueryRow("SELECT count(*) FROM holds").Scan(&b.holds); err != nil {
		t.Fatal(err)
	}
	each(t, db, "SELECT debit, sum(amount) FROM entries WHERE credit = 'system:revenue' GROUP BY debit", func(account string, n int64) { b.spent[account] = n })
	each(t, db, "SELECT outcome, count(*) FROM generations GROUP BY outcome", func(outcome string, n int64) { b.generations[outcome] = int(n) })
	moved, sum := map[string]int64{}, int64(0)
	each(t, db, "SELECT credit, sum(amount) FROM entries GROUP BY credit", func(account string, n int64) { moved[account] += n; sum += n })
	each(t, db, "SELECT debit, sum(amount) FROM entries GROUP BY debit", func(account string, n int64) { moved[account] -= n; sum -= n })
	each(t, db, "SELECT id, posted FROM accounts", func(account string, posted int64) {
		if posted != moved[account] {
			t.Errorf("%s has %d posted, its entries give %d", account, posted, moved[account])
		}
	})
	if sum != 0 {
		t.Errorf("the entries sum to %d", sum)
	}
	return b
}

// each reads rows of a name and a number.
func each(t *testing.T, db *sql.DB, query string, f func(string, int64)) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		f(name, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// listMode is the mode of a file as ls shows it.
func listMode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// A Finding is something the audit found wrong. Rule is the invariant of package ledger,
// "record" for one between holds and records, "rollup" for one between records and the sums
// over them, or "audit" for the log of changes.
type Finding struct{ Rule, What string }

func (f Finding) String() string { return f.Rule + ": " + f.What }

// Audit recomputes everything from the entries and compares it with what is stored and
// with memory, at one moment, while the store serves on. It reads every record: some
// seconds for each million. No finding means that nothing is wrong.
func (s *Store) Audit(ctx context.Context) ([]Finding, error) {
	a := &check{ctx: ctx}
	if err := s.snapshot(ctx, a); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	defer a.tx.Rollback()
	for _, step := range []func() error{a.entries, a.balances, a.uses, a.records, a.rollups, a.days, a.packs, a.log} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
	}
	return a.findings, nil
}

type check struct {
	ctx      context.Context
	tx       *sql.Tx                             // reads the disk as it was at the moment
	memory   map[ledger.AccountID]ledger.Balance // what memory says the disk should have
	replayed map[ledger.AccountID]ledger.Balance // what the entries add up to
	chains   audit.Chains                        // where memory says the audit log ends on disk
	findings []Finding
}

func (a *check) found(rule, format string, args ...any) {
	a.findings = append(a.findings, Finding{rule, fmt.Sprintf(format, args...)})
}

// snapshot has the writer pause between two writes: then the disk is what memory is less
// what is queued or waits to be tried again.
func (s *Store) snapshot(ctx context.Context, a *check) error {
	failed := make(chan error, 1)
	f := func() { failed <- s.takeSnapshot(a) }
	select {
	case s.between <- f:
		return <-failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) takeSnapshot(a *check) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.memory = make(map[ledger.AccountID]ledger.Balance, len(s.book.accounts))
	for id, b := range s.book.accounts {
		a.memory[id] = *b
	}
	a.holds(s.book)
	a.chains = maps.Clone(s.chains)
	queued := map[ledger.AccountID]ledger.Balance{}
	for _, b := range [...]*batch{s.queue, s.flying} {
		if b == nil {
			continue
		}
		if err := b.moves(queued); err != nil {
			return err
		}
		for _, e := range slices.Backward(b.audit) {
			a.chains[e.Account] = audit.Chain{N: e.N - 1, Last: e.Previous}
		}
	}
	for id, q := range queued {
		m := a.memory[id]
		m.Posted, m.Granted, m.Spent = m.Posted-q.Posted, m.Granted-q.Granted, m.Spent-q.Spent
		a.memory[id] = m
	}
	var err error
	if a.tx, err = s.read.BeginTx(a.ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		return err
	}
	// The transaction's view begins with its first read.
	return a.tx.QueryRowContext(a.ctx, `SELECT count(*) FROM accounts`).Scan(new(int))
}

// holds checks L4 in memory, where holds are.
func (a *check) holds(b *book) {
	accounts, subjects := map[ledger.AccountID]money.Amount{}, map[ledger.Subject]money.Amount{}
	for _, h := range b.holds {
		accounts[h.Account] += h.Amount
		for of := range h.Subjects {
			subjects[of] += h.Amount
		}
	}
	for id, bal := range b.accounts {
		if bal.Held != accounts[id] {
			a.found("L4", "account %s holds %s, its open holds sum to %s", id, bal.Held, accounts[id])
		}
		if !bal.Open && !id.System() && bal.Available() < 0 {
			a.found("L7", "prepaid account %s has %s available", id, bal.Available())
		}
	}
	for of, u := range b.usages {
		if u.total.Held != subjects[of] {
			a.found("L4", "%s %s holds %s, its open holds sum to %s", of.Scope, of.Name, u.total.Held, subjects[of])
		}
	}
}

// entries replays them, and checks each one's form.
func (a *check) entries() error {
	a.replayed = map[ledger.AccountID]ledger.Balance{}
	return scanRows(a.ctx, a.tx, `SELECT debit, credit, sum(amount), min(amount) FROM entries GROUP BY debit, credit`,
		func(scan func(...any) error) error {
			var t ledger.Transfer
			var least money.Amount
			if err := scan(&t.Debit, &t.Credit, &t.Amount, &least); err != nil {
				return err
			}
			if least <= 0 || t.Debit == t.Credit || !t.Debit.System() && !t.Credit.System() {
				a.found("L1", "an entry from %s to %s moves %s", t.Debit, t.Credit, least)
			}
			for _, id := range [...]ledger.AccountID{t.Debit, t.Credit} {
				after, err := a.replayed[id].After(id, t)
				if err != nil {
					return err
				}
				a.replayed[id] = after
			}
			return nil
		})
}

// balances compares the stored ones and memory's with the replay: L1 and L5.
func (a *check) balances() error {
	stored := map[ledger.AccountID]ledger.Balance{}
	var sum money.Amount
	err := scanRows(a.ctx, a.tx, `SELECT id, posted, granted, spent FROM accounts`, func(scan func(...any) error) error {
		var id ledger.AccountID
		var b ledger.Balance
		err := scan(&id, &b.Posted, &b.Granted, &b.Spent)
		stored[id] = b
		sum += b.Posted
		return err
	})
	if err != nil {
		return err
	}
	if sum != 0 {
		a.found("L1", "the balances of all accounts sum to %s", sum)
	}
	all := map[ledger.AccountID]bool{}
	for _, m := range []map[ledger.AccountID]ledger.Balance{stored, a.memory, a.replayed} {
		for id := range m {
			all[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		disk, memory, entries := figures(stored[id]), figures(a.memory[id]), figures(a.replayed[id])
		if disk != entries {
			a.found("L5", "account %s is stored as %s, its entries give %s", id, disk, entries)
		}
		if memory != entries {
			a.found("L5", "account %s is in memory as %s, its entries give %s", id, memory, entries)
		}
	}
	return nil
}

// figures is the part of a balance that entries decide.
func figures(b ledger.Balance) string {
	return fmt.Sprintf("posted %s granted %s spent %s", b.Posted, b.Granted, b.Spent)
}

// uses compares what each subject's days sum to with what its records sum to.
func (a *check) uses() error {
	return scanRows(a.ctx, a.tx, `SELECT scope, name, sum(spent), sum(byok), sum(requests), sum(cost), sum(paid_elsewhere), sum(records) FROM (
			SELECT scope, name, spent, byok, requests, 0 AS cost, 0 AS paid_elsewhere, 0 AS records FROM uses
			UNION ALL SELECT 0, key, 0, 0, 0, cost, byok, 1 FROM generations
			UNION ALL SELECT 1, member, 0, 0, 0, cost, byok, 1 FROM generations WHERE member <> ''
			UNION ALL SELECT 2, workspace, 0, 0, 0, cost, byok, 1 FROM generations WHERE workspace <> '')
		GROUP BY scope, name HAVING sum(spent) <> sum(cost) OR sum(byok) <> sum(paid_elsewhere) OR sum(requests) <> sum(records)`,
		func(scan func(...any) error) error {
			var of ledger.Subject
			var spent, byok, cost, elsewhere money.Amount
			var requests, records int64
			err := scan(&of.Scope, &of.Name, &spent, &byok, &requests, &cost, &elsewhere, &records)
			a.found("L5", "%s %s has spent %s and %s elsewhere in %d requests by its days, %s and %s in %d by its records",
				of.Scope, of.Name, spent, byok, requests, cost, elsewhere, records)
			return err
		})
}

// records checks that a resolved hold has one record and an open one has none: L3 and L6.
func (a *check) records() error {
	name := func(rule, what string) func(scan func(...any) error) error {
		return func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			a.found(rule, what, id)
			return err
		}
	}
	err := scanRows(a.ctx, a.tx, `SELECT id FROM generations GROUP BY id HAVING count(*) > 1`,
		name("L6", "hold %s has more than one record"))
	if err != nil {
		return err
	}
	return scanRows(a.ctx, a.tx, `SELECT id FROM generations WHERE id IN (SELECT id FROM holds)`,
		name("record", "hold %s is open although its record is written"))
}

// rollups compares the sums by hour with the records they are of, as far as those are counted.
func (a *check) rollups() error {
	return scanRows(a.ctx, a.tx, `SELECT account, at, key, model, sum(a1), sum(a2), sum(a3), sum(a4), sum(a5), sum(a6), sum(b1), sum(b2), sum(b3), sum(b4), sum(b5), sum(b6) FROM (
			SELECT account, at, key, model, requests AS a1, cost AS a2, loss AS a3, byok_cost AS a4, prompt AS a5, completion AS a6,
				0 AS b1, 0 AS b2, 0 AS b3, 0 AS b4, 0 AS b5, 0 AS b6
				FROM rollups LEFT JOIN facets ON id = facet WHERE grain = 3600
			UNION ALL SELECT account, max(created, 0) / 3600000000 * 3600, key, model, 0, 0, 0, 0, 0, 0, 1, cost, loss, byok, prompt, completion
				FROM generations, counted WHERE n <= got OR n > until)
		GROUP BY account, at, key, model
		HAVING sum(a1) <> sum(b1) OR sum(a2) <> sum(b2) OR sum(a3) <> sum(b3) OR sum(a4) <> sum(b4) OR sum(a5) <> sum(b5) OR sum(a6) <> sum(b6)`,
		func(scan func(...any) error) error {
			var account string
			var key, model sql.NullString
			var at int64
			var rollup, records figure
			err := scan(&account, &at, &key, &model, &rollup.requests, &rollup.cost, &rollup.loss, &rollup.byok, &rollup.prompt, &rollup.completion,
				&records.requests, &records.cost, &records.loss, &records.byok, &records.prompt, &records.completion)
			a.found("rollup", "account %s key %s model %q in the hour of %s has %s by its sums, %s by its records",
				account, key.String, model.String, time.Unix(at, 0).UTC().Format(time.RFC3339), rollup, records)
			return err
		})
}

// figure is what the sums by hour are audited for.
type figure struct {
	requests, prompt, completion int64
	cost, loss, byok             money.Amount
}

func (f figure) String() string {
	return fmt.Sprintf("%d requests cost %s loss %s elsewhere %s with %d and %d tokens", f.requests, f.cost, f.loss, f.byok, f.prompt, f.completion)
}

// days compares everything that is kept by day with what is kept by hour.
func (a *check) days() error {
	type key struct {
		account string
		day     int64
	}
	var sums [2]map[key]*analytics.Tally
	for i, grain := range [...]int64{grainHour, grainDay} {
		sums[i] = map[key]*analytics.Tally{}
		err := scanRows(a.ctx, a.tx, fmt.Sprintf(`SELECT account, at / 86400 * 86400, `+tallyColumns+` FROM rollups WHERE grain = %d`, grain),
			func(scan func(...any) error) error {
				var k key
				var t analytics.Tally
				if err := scanTally(scan, &t, &k.account, &k.day); err != nil {
					return err
				}
				if sums[i][k] == nil {
					sums[i][k] = &analytics.Tally{}
				}
				sums[i][k].Add(&t)
				return nil
			})
		if err != nil {
			return err
		}
	}
	if !reflect.DeepEqual(sums[0], sums[1]) {
		a.found("rollup", "the sums by day are not the sums by hour")
	}
	return nil
}

// packs compares what is packed with what it was packed of.
func (a *check) packs() error {
	type key struct {
		grain   int64
		account string
		at      int64
	}
	packed, sums := map[key]*analytics.Tally{}, map[key]*analytics.Tally{}
	all := analytics.All()
	pack := analytics.NewUnpacking(&all)
	var at key
	unpack := func() error {
		if at == (key{}) {
			return nil
		}
		packed[at], sums[at] = &analytics.Tally{}, &analytics.Tally{}
		return pack.Each(func(_ int64, t *analytics.Tally) error { packed[at].Add(t); return nil })
	}
	err := scanRows(a.ctx, a.tx, `SELECT grain, account, at, part, body FROM packs ORDER BY grain, account, at`, func(scan func(...any) error) error {
		var next key
		var part analytics.Part
		var body sql.RawBytes
		if err := scan(&next.grain, &next.account, &next.at, &part, &body); err != nil {
			return err
		}
		if next != at {
			if err := unpack(); err != nil {
				return err
			}
			at = next
		}
		return pack.Put(part, body)
	})
	if err == nil {
		err = unpack()
	}
	if err != nil {
		return err
	}
	err = scanRows(a.ctx, a.tx, `SELECT grain, account, at, `+tallyColumns+` FROM rollups`, func(scan func(...any) error) error {
		var k key
		var t analytics.Tally
		if err := scanTally(scan, &t, &k.grain, &k.account, &k.at); err != nil {
			return err
		}
		if sums[k] != nil {
			sums[k].Add(&t)
		}
		return nil
	})
	for k, sum := range sums {
		if !reflect.DeepEqual(sum, packed[k]) {
			a.found("rollup", "the sums of account %s by %v from %s on are packed as others", k.account, time.Duration(k.grain)*time.Second, time.Unix(k.at, 0).UTC().Format(time.RFC3339))
		}
	}
	return err
}

// scanTally scans some columns and then those of tallyColumns.
func scanTally(scan func(...any) error, t *analytics.Tally, before ...any) error {
	var rest sql.RawBytes
	to := before
	for i := range analytics.Columns {
		to = append(to, &t.Sums[i])
	}
	if err := scan(append(to, &rest)...); err != nil {
		return err
	}
	all := analytics.All()
	return t.ReadRest(rest, &all)
}

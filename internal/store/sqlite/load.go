package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// load reads the present into memory and resolves what a crash left open.
func (s *Store) load(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.loadJournal, s.loadPositions, s.loadAccounts, s.loadUsage, s.loadKeys, s.loadChains, s.recover} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// loadJournal writes to the database what the last run left in the journal alone.
func (s *Store) loadJournal(context.Context) (err error) {
	w := s.writer
	if w.last, err = w.number(newestRow); err != nil {
		return fmt.Errorf("find the newest generation: %w", err)
	}
	if w.entry, err = w.number(`SELECT got FROM journal`); err != nil {
		return fmt.Errorf("find the journal's place: %w", err)
	}
	b, err := s.journal.entries(w.entry)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	if err := w.write(b, s.journal.last); err != nil {
		return fmt.Errorf("write the journal to the database: %w", err)
	}
	w.names = names{}
	return nil
}

const newestRow = `SELECT coalesce(max(n), 0) FROM generations`

func (s *Store) loadPositions(ctx context.Context) (err error) {
	if s.writer.last, err = s.writer.number(newestRow); err != nil {
		return fmt.Errorf("find the newest generation: %w", err)
	}
	return s.loadNames(ctx)
}

// scan runs a query and calls row for each of its rows.
func (s *Store) scan(ctx context.Context, query string, row func(scan func(...any) error) error) error {
	return scanRows(ctx, s.read, query, row)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func scanRows(ctx context.Context, q querier, query string, row func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

func (s *Store) loadAccounts(ctx context.Context) error {
	return s.scan(ctx, `SELECT id, posted, granted, spent, open FROM accounts`, func(scan func(...any) error) error {
		var id ledger.AccountID
		var b ledger.Balance
		err := scan(&id, &b.Posted, &b.Granted, &b.Spent, &b.Open)
		s.book.accounts[id] = &b
		return err
	})
}

// loadUsage adds up the days of each subject, which come oldest first.
func (s *Store) loadUsage(ctx context.Context) error {
	return s.scan(ctx, `SELECT scope, name, day, spent, byok FROM uses ORDER BY scope, name, day`, func(scan func(...any) error) error {
		var of ledger.Subject
		var day int64
		var spent, byok money.Amount
		if err := scan(&of.Scope, &of.Name, &day, &spent, &byok); err != nil {
			return err
		}
		at := s.book.calendar.at(time.Unix(day*86400, 0))
		s.book.usage(of).spend(at, spent, byok)
		return nil
	})
}

func (s *Store) loadKeys(ctx context.Context) error {
	return s.scan(ctx, `SELECT hash, label, name, management, account, workspace, creator, disabled, created, updated,
		expires, cap, reset, include_byok, more FROM keys`, func(scan func(...any) error) error {
		k := &account.Key{}
		var created int64
		var updated, expires, limit sql.NullInt64
		var more string
		err := scan(&k.Hash, &k.Label, &k.Name, &k.Management, &k.Account, &k.Workspace, &k.Creator, &k.Disabled,
			&created, &updated, &expires, &limit, &k.LimitReset, &k.IncludeBYOK, &more)
		if err == nil && more != "" {
			err = json.Unmarshal([]byte(more), &k.Extras)
		}
		k.Created, k.Updated, k.Expires = time.UnixMicro(created).UTC(), fromNull(updated), fromNull(expires)
		if limit.Valid {
			amount := money.Amount(limit.Int64)
			k.Limit = &amount
		}
		s.keys.put(k)
		return err
	})
}

func fromNull(micros sql.NullInt64) time.Time {
	if !micros.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micros.Int64).UTC()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// recover resolves the holds that are open on disk: whoever placed them is gone, so how
// their requests ended is not known, and what is not known is not charged.
func (s *Store) recover(ctx context.Context) error {
	var ids []ledger.HoldID
	err := s.scan(ctx, `SELECT id, account, key, member, workspace, amount, byok, at, expires FROM holds`, func(scan func(...any) error) error {
		h := &openHold{}
		var at, expires int64
		if err := scan(&h.ID, &h.Account, &h.Key, &h.Member, &h.Workspace, &h.Amount, &h.BYOK, &at, &expires); err != nil {
			return err
		}
		h.At, h.Expires = time.UnixMicro(at).UTC(), time.UnixMicro(expires).UTC()
		h.at = s.book.calendar.at(h.At)
		ids = append(ids, h.ID)
		return s.book.put(h)
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	s.release(ids, s.Now())
	b := s.takeQueue()
	if err := s.writer.write(b, s.writer.entry); err != nil {
		return fmt.Errorf("release the holds of the last run: %w", err)
	}
	s.written(b)
	s.Logger.Warn("the last run ended with open holds; released, recorded as lost, nothing charged", "count", len(ids))
	return nil
}

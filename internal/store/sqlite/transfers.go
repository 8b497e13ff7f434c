package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Transfers is a page of an account's, as of one moment.
func (s *Store) Transfers(ctx context.Context, of ledger.AccountID, offset, limit int) (page []store.Moved, total int, err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, 0, fmt.Errorf("read the transfers: %w", err)
	}
	defer tx.Rollback()
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM transfers WHERE ? IN (debit, credit)`, of).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count the transfers: %w", err)
	}
	// What the audit log says of a transfer was written with it, at the same time.
	rows, err := tx.QueryContext(ctx, `WITH page AS (
			SELECT ref, debit, credit, amount, at, note FROM transfers WHERE ? IN (debit, credit)
			ORDER BY at DESC, ref LIMIT ? OFFSET ?),
		who AS (SELECT target, actor, at FROM audit WHERE account = ? AND at BETWEEN (SELECT min(at) FROM page) AND (SELECT max(at) FROM page))
		SELECT ref, debit, credit, amount, page.at, note, coalesce(max(actor), '') FROM page
		LEFT JOIN who ON target = ref AND who.at = page.at GROUP BY ref ORDER BY page.at DESC, ref`, of, limit, offset, of)
	if err != nil {
		return nil, 0, fmt.Errorf("read the transfers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m store.Moved
		var at int64
		if err := rows.Scan(&m.Ref, &m.Debit, &m.Credit, &m.Amount, &at, &m.Note, &m.Actor); err != nil {
			return nil, 0, fmt.Errorf("read the transfers: %w", err)
		}
		m.At = fromMicros(at)
		page = append(page, m)
	}
	return page, total, rows.Err()
}

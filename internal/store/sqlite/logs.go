package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/dragoman-gateway/dragoman/internal/audit"
)

// separateLogs is the migration that gives each account's audit log a chain of its own: there
// was one for all, whose numbers told each account how much the others did. It is in Go, since
// entries get other numbers and so other hashes.
var separateLogs = goose.NewGoMigration(10, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for _, s := range [...]string{
		`ALTER TABLE audit RENAME TO log`,
		`CREATE TABLE audit (
			id       INTEGER PRIMARY KEY, -- from 1, over the logs of all accounts
			n        INTEGER NOT NULL,
			at       INTEGER NOT NULL,
			account  TEXT NOT NULL,
			actor    TEXT NOT NULL,
			address  TEXT NOT NULL,
			action   TEXT NOT NULL,
			target   TEXT NOT NULL,
			detail   TEXT NOT NULL,
			previous BLOB NOT NULL,
			hash     BLOB NOT NULL
		)`,
		`CREATE UNIQUE INDEX audit_account ON audit (account, n)`,
	} {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	put, err := tx.PrepareContext(ctx, putEntry)
	if err != nil {
		return err
	}
	defer put.Close()
	chains := audit.Chains{}
	if err := scanRows(ctx, tx, `SELECT `+auditColumns+` FROM log ORDER BY n`, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		if err != nil {
			return err
		}
		chains.Seal(&e)
		_, err = put.ExecContext(ctx, e.N, e.At.UnixMicro(), e.Account, e.Actor, e.Address, e.Action, e.Target, e.Detail, e.Previous[:], e.Hash[:])
		return err
	}); err != nil {
		return fmt.Errorf("write the log of each account: %w", err)
	}
	_, err = tx.ExecContext(ctx, `DROP TABLE log`)
	return err
}}, nil)

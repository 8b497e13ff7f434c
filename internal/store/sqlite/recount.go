package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// recountChunk is how many older records are counted in one transaction, which requests
// that end meanwhile wait for.
const recountChunk = 256

// recountPause is the wait after an error.
const recountPause = 5 * time.Second

const countedRows = `SELECT n, id, created, account, key, member, workspace, model, provider, endpoint, outcome, prompt, completion,
	cost, loss, byok, detail FROM generations`

// recount counts the records that are older than the rollups, in the background. It goes on
// where it stopped: how far it has come is written in the transaction that counts.
func (s *Store) recount() {
	ctx, cancel := s.stopping()
	defer cancel()
	for {
		done, err := s.recountSome(ctx)
		switch {
		case done || ctx.Err() != nil:
			return
		case err == nil:
			continue
		}
		s.Logger.Warn("older records not counted for analytics; tried again in a moment", "error", err)
		select {
		case <-time.After(recountPause):
		case <-s.stop:
			return
		}
	}
}

// recountSome counts a chunk; done is that there is none.
func (s *Store) recountSome(ctx context.Context) (done bool, err error) {
	var got, until int64
	if err := s.read.QueryRowContext(ctx, `SELECT got, until FROM counted`).Scan(&got, &until); err != nil || got >= until {
		return err == nil, err
	}
	end := min(got+recountChunk, until)
	var list []numbered
	err = readRows(ctx, s.read, func(n int64, r *row) error {
		list = append(list, numbered{n, r})
		return nil
	}, countedRows+` WHERE n > ? AND n <= ?`, got, end)
	if err != nil {
		return false, err
	}
	counted := make(chan error, 1)
	select {
	case s.between <- func() { counted <- s.writer.recount(list, got, end) }:
		return false, <-counted
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

type numbered struct {
	n int64
	*row
}

// recount counts the records after got up to end, unless they are counted already.
func (w *writer) recount(list []numbered, got, end int64) error {
	return w.transact(func() error {
		if now, err := w.number(`SELECT got FROM counted`); err != nil || now != got {
			return err
		}
		w.rollups.bound()
		for _, r := range list {
			if err := w.rollups.count(r.row, r.n); err != nil {
				return err
			}
		}
		if err := w.rollups.flush(); err != nil {
			return err
		}
		return w.rollups.counted.exec(end)
	})
}

// readRows calls f with the rows of countedRows under a condition, their samples made. A
// record whose detail cannot be read is counted by its columns.
func readRows(ctx context.Context, q querier, f func(n int64, r *row) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		r := &row{}
		if err := rows.Scan(&n, &r.id, &r.created, &r.account, &r.Key, &r.Member, &r.Workspace, &r.model, &r.provider, &r.endpoint, &r.outcome,
			&r.prompt, &r.completion, (*int64)(&r.cost), (*int64)(&r.loss), (*int64)(&r.byok), &r.detail); err != nil {
			return err
		}
		if r.resample() != nil { // a damaged detail must not keep the rest from being counted
			r.detail = nil
			_ = r.resample() // cannot fail without one
		}
		if err := f(n, r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readCounted sets what of a record is counted from its detail, of which most is not. Its
// attempts are as many as they were, and empty.
func readCounted(detail []byte, rec *generation.Record) error {
	if len(detail) == 0 {
		return nil
	}
	d := rawjson.Lend()
	defer d.Free()
	if err := d.Parse(detail); err != nil {
		return err
	}
	for k, v := range d.Root().Members() {
		var err error
		switch {
		case k.Is("byok"):
			rec.BYOK = v.Bool()
		case k.Is("usage"):
			err = json.Unmarshal(v.Raw(), &rec.Usage)
		case k.Is("upstream_cost"):
			rec.List, err = money.ParseAmount(string(v.Raw()))
		case k.Is("generation_ms"):
			rec.GenerationMS = v.Int64()
		case k.Is("attempts"):
			rec.Attempts = make([]generation.Attempt, v.Len())
		default:
			readMember(k, v, rec)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// How many records are read one by one: for a span of records, and to cut an hour.
const (
	mostRecords = 250_000
	mostToCut   = 25_000
)

// mostTallies is how many queries run at once; others wait. They hold a connection for long,
// and a grant or a look-up must not wait for one.
const mostTallies = 2

// Tally reads whole days and hours from the rollups and cuts the hours at the ends by
// reading their records, in one view of the database.
func (s *Store) Tally(ctx context.Context, span analytics.Span, want analytics.Want, each func(*analytics.Piece) error) (analytics.Coverage, error) {
	select {
	case s.tallies <- struct{}{}:
		defer func() { <-s.tallies }()
	case <-ctx.Done():
		return analytics.Coverage{}, ctx.Err()
	}
	t := &tallying{s: s, ctx: ctx, account: span.Account, want: want, each: each}
	err := t.run(span)
	if _, public := errors.AsType[*fault.Error](err); err != nil && !public {
		err = fmt.Errorf("sum up the records of account %s: %w", span.Account, err)
	}
	return t.coverage, err
}

// tallying is one call of Tally.
type tallying struct {
	s        *Store
	ctx      context.Context
	conn     *sql.Conn
	account  string
	want     analytics.Want
	each     func(*analytics.Piece) error
	coverage analytics.Coverage
}

func (t *tallying) run(span analytics.Span) (err error) {
	if err := t.s.catchUp(t.ctx); err != nil {
		return err
	}
	if t.conn, err = t.s.read.Conn(t.ctx); err != nil {
		return err
	}
	defer t.conn.Close()
	tx, err := t.conn.BeginTx(t.ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := t.conn.QueryRowContext(t.ctx, `SELECT until - got FROM counted`).Scan(&t.coverage.Behind); err != nil {
		return err
	}
	from, to := span.From.UnixMicro(), span.To.UnixMicro()
	if span.Grain == analytics.Records {
		return t.records(from, to, mostRecords)
	}
	return t.hours(from, to, span.Grain == analytics.Days)
}

const hour = int64(time.Hour / time.Microsecond)

// hours reads the span from, to (µs), its ends cut.
func (t *tallying) hours(from, to int64, days bool) error {
	first, last := ceil(from, hour), to-to%hour // whole hours
	if first > last {                           // within one hour
		return t.cut(from, to)
	}
	if err := t.cut(from, first); err != nil {
		return err
	}
	if err := t.whole(first, last, days); err != nil {
		return err
	}
	return t.cut(last, to)
}

// whole reads whole hours, and whole days as days.
func (t *tallying) whole(first, last int64, days bool) error {
	dayFirst, dayLast := ceil(first, 24*hour), last-last%(24*hour)
	if !days || dayFirst >= dayLast {
		return t.rollups(grainHour, first, last)
	}
	if err := t.rollups(grainHour, first, dayFirst); err != nil {
		return err
	}
	if err := t.rollups(grainDay, dayFirst, dayLast); err != nil {
		return err
	}
	return t.rollups(grainHour, dayLast, last)
}

func ceil(v, unit int64) int64 { return (v + unit - 1) / unit * unit }

// cut reads the records of a part of an hour, or the whole hour when they are too many.
func (t *tallying) cut(from, to int64) error {
	if from == to {
		return nil
	}
	err := t.records(from, to, mostToCut)
	if !errors.Is(err, errTooMany) {
		return err
	}
	t.coverage.Widened = true
	return t.rollups(grainHour, from-from%hour, ceil(to, hour))
}

// rollups reads the sums that begin in the span from, to (µs). It reads below database/sql,
// which would take as long again for each of the many rows.
func (t *tallying) rollups(grain, from, to int64) error {
	if from >= to {
		return nil
	}
	return t.conn.Raw(func(d any) error {
		c := conn{Conn: d.(driver.Conn)}
		facets, err := t.s.facets.load(t.ctx, c)
		if err != nil {
			return err
		}
		r := &reading{tallying: t, c: c, grain: grain, facets: facets}
		return r.read(from/1_000_000, to/1_000_000)
	})
}

// errTooMany is the answer for a span of more records than may be read.
var errTooMany = fault.Bad("time_range", fmt.Sprintf("The time range has more than %d requests, too many to read one by one; narrow it, or take a granularity of hour or more", mostRecords))

// records reads the records that began in the span from, to (µs) one by one. Where they
// are, the rollups know.
func (t *tallying) records(from, to int64, most int64) error {
	var first, last sql.NullInt64
	var count int64
	err := t.conn.QueryRowContext(t.ctx, `SELECT min(first), max(last), coalesce(sum(requests), 0) FROM rollups
		WHERE grain = 3600 AND account = ? AND at >= ? AND at < ?`,
		t.account, (from-from%hour)/1_000_000, ceil(to, hour)/1_000_000).Scan(&first, &last, &count)
	switch {
	case err != nil || !first.Valid:
		return err
	case count > most:
		return errTooMany
	}
	var tally analytics.Tally
	p := analytics.Piece{Tally: &tally}
	return readRows(t.ctx, t.conn, func(_ int64, r *row) error {
		tally = analytics.Tally{Latency: tally.Latency[:0], Time: tally.Time[:0], Speed: tally.Speed[:0]}
		tally.Count(&r.sample)
		p.At, p.ID, p.Facet = max(r.created, 0)/1_000_000, r.id, &r.sample.Facet
		return t.each(&p)
	}, countedRows+` WHERE n BETWEEN ? AND ? AND account = ? AND created >= ? AND created < ?`, first.Int64, last.Int64, t.account, from, to)
}

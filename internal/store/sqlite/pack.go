package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
)

// The sums of a busy month are a million rows. What is over is packed (analytics.Packing), in
// the background: requests pay nothing for it, and a query reads some bytes for each row
// instead of the row. A request that ends after its hour has been packed deletes the pack in
// the transaction that counts it; that hour is read row by row from then on.
const (
	packFrom  = 64                    // facets from which on a pack is worth it
	packAfter = 2 * time.Hour         // how long an hour or a day must be over: few requests take longer
	packEvery = time.Minute           // how often it is looked for some
	packPace  = 20 * time.Millisecond // between two packs: requests come first

	// ?1 the grain, ?2 from when, ?3 until when. Accounts are found one after another, which
	// reads a row of each.
	duePacks = `WITH RECURSIVE owners (owner) AS (
			SELECT min(account) FROM rollups WHERE grain = ?1
			UNION ALL SELECT (SELECT min(account) FROM rollups WHERE grain = ?1 AND account > owner) FROM owners WHERE owner IS NOT NULL)
		SELECT owner, (SELECT min(at) FROM rollups WHERE grain = ?1 AND account = owner AND at >= ?2 AND at < ?3) AS due
			FROM owners WHERE owner IS NOT NULL AND due IS NOT NULL ORDER BY due`
	packedRows = `SELECT facet, ` + tallyColumns + ` FROM rollups WHERE grain = ? AND account = ? AND at = ? ORDER BY facet`
)

// pack is the sums of an account in one hour or day.
type pack struct {
	account string
	analytics.Packing
	requests int64 // that were summed: a sum that changes has more
}

// pack packs what is over, from the oldest on. First it reads the facets, so that no query has to.
func (s *Store) pack() {
	ctx, cancel := s.stopping()
	defer cancel()
	if err := s.loadFacets(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Warn("facets not read beforehand; the first query of analytics reads them", "error", err)
	}
	for {
		wait := packPace
		switch more, err := s.packNext(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Logger.Warn("sums not packed; tried again in a moment", "error", err)
			wait = packEvery
		case !more:
			wait = packEvery
		}
		select {
		case <-time.After(wait):
		case <-s.stop:
			return
		}
	}
}

// packNext packs the oldest hour or day that is due, of all accounts; false is that none is.
func (s *Store) packNext(ctx context.Context) (bool, error) {
	var behind bool
	if err := s.read.QueryRowContext(ctx, `SELECT got < until FROM counted`).Scan(&behind); err != nil || behind {
		return false, err
	}
	for i, grain := range grains {
		at, list, err := s.duePacks(ctx, grain)
		if err != nil {
			return false, err
		}
		if list == nil {
			continue
		}
		put := make(chan error, 1)
		select {
		case s.between <- func() { put <- s.writer.putPacks(i, at, list) }:
			return true, <-put
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return false, nil
}

// duePacks reads what is to be packed next, nil if nothing is: all that begins at the same moment.
func (s *Store) duePacks(ctx context.Context, grain int64) (at int64, list []*pack, err error) {
	pooled, err := s.read.Conn(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer pooled.Close()
	err = pooled.Raw(func(d any) error {
		c := conn{Conn: d.(driver.Conn)}
		from, err := c.number(fmt.Sprintf(`SELECT until FROM packed WHERE grain = %d`, grain))
		if err != nil {
			return err
		}
		err = c.query(ctx, duePacks, func(v []driver.Value) error {
			if due := integer(v[1]); at == 0 || due == at {
				at, list = due, append(list, &pack{account: text(v[0])})
			}
			return nil
		}, grain, from, s.Now().Add(-packAfter).Unix()-grain+1)
		if err != nil {
			return err
		}
		for _, p := range list {
			if err := p.read(ctx, c, grain, at); err != nil {
				return fmt.Errorf("pack the sums of account %s: %w", p.account, err)
			}
		}
		return nil
	})
	return at, list, err
}

func (p *pack) read(ctx context.Context, c conn, grain, at int64) error {
	all := analytics.All()
	var sum analytics.Tally
	return c.query(ctx, packedRows, func(v []driver.Value) error {
		for i := range analytics.Columns {
			sum.Sums[i] = integer(v[1+i])
		}
		if err := sum.ReadRest(blob(v[1+analytics.Columns]), &all); err != nil {
			return err
		}
		p.requests += sum.Sums[analytics.Requests]
		p.Add(integer(v[0]), &sum)
		return nil
	}, grain, p.account, at)
}

// packs is what the writer needs for packs.
type packs struct {
	put, drop, requests, passed *statement
	until                       [len(grains)]int64 // what begins before may have a pack
}

func newPacks(c conn) (*packs, error) {
	p := &packs{}
	for _, s := range [...]struct {
		to    **statement
		query string
	}{
		{&p.put, `INSERT OR REPLACE INTO packs (grain, account, at, part, body) VALUES (?, ?, ?, ?, ?)`},
		{&p.drop, `DELETE FROM packs WHERE grain = ? AND account = ? AND at = ?`},
		{&p.requests, `SELECT sum(requests) FROM rollups WHERE grain = ? AND account = ? AND at = ?`},
		{&p.passed, `UPDATE packed SET until = ? WHERE grain = ?`},
	} {
		var err error
		if *s.to, err = c.prepare(s.query); err != nil {
			return nil, err
		}
	}
	for i, grain := range grains {
		var err error
		if p.until[i], err = c.number(fmt.Sprintf(`SELECT until FROM packed WHERE grain = %d`, grain)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// putPacks writes packs of the grain with an index, but for those whose sums have changed since they
// were read.
func (w *writer) putPacks(i int, at int64, list []*pack) error {
	grain := grains[i]
	err := w.transact(func() error {
		for _, p := range list {
			if p.Facets < packFrom {
				continue
			}
			var now int64
			if err := w.rollups.packs.requests.each(func(v []driver.Value) error { now = integer(v[0]); return nil }, grain, p.account, at); err != nil {
				return err
			}
			if now != p.requests {
				continue
			}
			for part, body := range p.Parts() {
				if err := w.rollups.packs.put.exec(grain, p.account, at, int64(part), body); err != nil {
					return err
				}
			}
		}
		return w.rollups.packs.passed.exec(at+grain, grain)
	})
	if err == nil {
		w.rollups.packs.until[i] = at + grain
	}
	return err
}

// changed deletes the pack of a row that is written, if there may be one.
func (p *packs) changed(k *rollupKey) error {
	for i, grain := range grains {
		if k.grain == grain && k.at < p.until[i] {
			return p.drop.exec(grain, k.account, k.at)
		}
	}
	return nil
}

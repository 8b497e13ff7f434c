package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
)

// reading is the reading of sums of one grain: those that are packed from their packs, and
// those between them row by row.
type reading struct {
	*tallying
	c      conn
	grain  int64
	facets []*analytics.Facet // by id
	piece  analytics.Piece
}

// stretchOfTime is from one second since 1970 until before another.
type stretchOfTime struct{ from, to int64 }

func (r *reading) read(from, to int64) error {
	gaps, err := r.packs(from, to)
	if err != nil {
		return err
	}
	columns, take := r.columns()
	rows, err := r.c.prepare(`SELECT ` + columns + ` FROM rollups WHERE grain = ? AND account = ? AND at >= ? AND at < ?`)
	if err != nil {
		return err
	}
	defer rows.stmt.Close()
	var tally analytics.Tally
	for _, gap := range gaps {
		err := rows.eachOf(r.ctx, func(v []driver.Value) error {
			if err := take(v[2:], &tally); err != nil {
				return err
			}
			return r.give(integer(v[0]), integer(v[1]), &tally)
		}, r.grain, r.account, gap.from, gap.to)
		if err != nil {
			return err
		}
	}
	return nil
}

// give passes the sums of a facet on.
func (r *reading) give(at, facet int64, sum *analytics.Tally) (err error) {
	p := &r.piece
	p.At, p.FacetID, p.Tally, p.Facet = at, facet, sum, nil
	if facet > 0 && facet < int64(len(r.facets)) {
		p.Facet = r.facets[facet]
	}
	if p.Facet == nil {
		if p.Facet, err = readFacet(r.ctx, r.c, facet); err != nil {
			return err
		}
	}
	return r.each(p)
}

// packs reads the packs of a time, and returns the gaps between them.
func (r *reading) packs(from, to int64) (gaps []stretchOfTime, err error) {
	pack := analytics.NewUnpacking(&r.want)
	at := int64(-1) // of the pack whose parts are being read
	unpack := func() error {
		if at < 0 {
			return nil
		}
		if from < at {
			gaps = append(gaps, stretchOfTime{from, at})
		}
		from = at + r.grain
		return pack.Each(func(facet int64, sum *analytics.Tally) error { return r.give(at, facet, sum) })
	}
	err = r.c.query(r.ctx, packsWith(pack.Parts), func(v []driver.Value) error {
		if next := integer(v[0]); next != at {
			if err := unpack(); err != nil {
				return err
			}
			at = next
		}
		return pack.Put(analytics.Part(integer(v[1])), blob(v[2]))
	}, r.grain, r.account, from, to)
	if err == nil {
		err = unpack()
	}
	if from < to {
		gaps = append(gaps, stretchOfTime{from, to})
	}
	return gaps, err
}

// packsWith reads some parts of packs, one pack after another.
func packsWith(parts []analytics.Part) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = fmt.Sprint(int64(p))
	}
	return `SELECT at, part, body FROM packs WHERE grain = ? AND account = ? AND at >= ? AND at < ? AND part IN (` + strings.Join(list, `, `) + `) ORDER BY at`
}

// sumColumns are the columns of the first measures.
var sumColumns = [analytics.Columns]string{"requests", "cost", "loss", "byok_cost", "prompt", "completion"}

// columns are those that are wanted, and how their values make a tally.
func (t *tallying) columns() (string, func([]driver.Value, *analytics.Tally) error) {
	names := []string{"at", "facet"}
	var wanted []int
	for i, name := range sumColumns {
		if t.want.Sums[i] {
			wanted = append(wanted, i)
			names = append(names, name)
		}
	}
	rest := t.want.Beyond()
	if rest {
		names = append(names, "rest")
	}
	return strings.Join(names, ", "), func(v []driver.Value, to *analytics.Tally) error {
		for n, i := range wanted {
			to.Sums[i] = v[n].(int64)
		}
		if !rest {
			return nil
		}
		return to.ReadRest(v[len(wanted)].([]byte), &t.want)
	}
}

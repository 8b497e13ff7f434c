package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
)

// The grains of the table rollups, in seconds.
const (
	grainHour = 3600
	grainDay  = 86400
)

var grains = [...]int64{grainHour, grainDay}

// What the writer remembers of the tables facets and rollups is bounded; what it has
// forgotten it reads again.
const (
	mostHeld       = 8192
	mostFacets     = 8192
	mostAppDays    = 256
	mostAppsInAll  = 16384
	facetColumns   = `workspace, member, key, model, provider, endpoint, app, origin, api, outcome, byok`
	tallyColumns   = `requests, cost, loss, byok_cost, prompt, completion, rest`
	usedAppsOfADay = `SELECT DISTINCT app, origin FROM rollups JOIN facets ON id = facet WHERE grain = 86400 AND account = ? AND at = ?`
)

// rollups adds requests up in the tables facets and rollups, in the transaction that writes
// their records. The rows it has touched lately are held in memory, so that a batch costs
// one write for each hour, day and facet in it and, as a rule, no read. It is the writer's.
type rollups struct {
	find, insert, read, apps *statement
	counted                  *statement
	write                    *bulk
	packs                    *packs

	known map[analytics.Facet]*facet
	held  map[rollupKey]*rollup
	dirty []*rollup
	used  map[appDay]map[app]bool // the apps that have names of their own
	names int                     // in used, together
	buf   []byte                  // scratch of flush
	all   analytics.Want
}

type rollupKey struct {
	grain   int64
	account string
	at      int64
	facet   int64
}

// rollup is a row.
type rollup struct {
	rollupKey
	first, last int64
	tally       analytics.Tally
	dirty       bool
}

// facet is what the writer knows of one: its id and the rows it was last counted in.
type facet struct {
	id   int64
	last [2]*rollup // by hour, by day; nil: none
}

type appDay struct {
	account string
	day     int64
}

type app struct{ name, origin string }

func newRollups(c conn) (*rollups, error) {
	r := &rollups{all: analytics.All()}
	r.forget()
	for _, s := range [...]struct {
		to    **statement
		query string
	}{
		{&r.find, `SELECT id FROM facets WHERE key = ?3 AND model = ?4 AND endpoint = ?6 AND app = ?7 AND origin = ?8 AND outcome = ?10
			AND api = ?9 AND byok = ?11 AND member = ?2 AND workspace = ?1 AND provider = ?5`},
		{&r.insert, `INSERT INTO facets (` + facetColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`},
		{&r.read, `SELECT first, last, ` + tallyColumns + ` FROM rollups WHERE grain = ? AND account = ? AND at = ? AND facet = ?`},
		{&r.apps, usedAppsOfADay},
		{&r.counted, `UPDATE counted SET got = ?`},
	} {
		var err error
		if *s.to, err = c.prepare(s.query); err != nil {
			return nil, err
		}
	}
	var err error
	if r.packs, err = newPacks(c); err != nil {
		return nil, err
	}
	r.write, err = newBulk(c, 13, `INSERT OR REPLACE INTO rollups (grain, account, at, facet, first, last, `+tallyColumns+`)`, ``)
	return r, err
}

// forget drops what is held: after a transaction that failed it is not what is on disk.
func (r *rollups) forget() {
	r.known, r.held, r.used, r.names = map[analytics.Facet]*facet{}, map[rollupKey]*rollup{}, map[appDay]map[app]bool{}, 0
	r.dirty = r.dirty[:0]
}

// bound drops what has become too much. Nothing is dirty then.
func (r *rollups) bound() {
	if len(r.held) > mostHeld || len(r.known) > mostFacets {
		clear(r.held)
		clear(r.known)
	}
	if len(r.used) > mostAppDays || r.names > mostAppsInAll {
		clear(r.used)
		r.names = 0
	}
}

func (w *writer) addRollups(b *batch) error {
	w.rollups.bound()
	for i, r := range b.rows {
		if err := w.rollups.count(r, w.last+1+int64(i)); err != nil {
			return err
		}
	}
	return w.rollups.flush()
}

// count adds the row with number n to its hour and its day.
func (r *rollups) count(w *row, n int64) error {
	second := max(w.created, 0) / 1_000_000
	account := string(w.account)
	if err := r.limit(account, second-second%grainDay, &w.sample.Facet); err != nil {
		return err
	}
	f, err := r.facet(&w.sample.Facet)
	if err != nil {
		return err
	}
	for i, grain := range grains {
		k := rollupKey{grain, account, second - second%grain, f.id}
		x := f.last[i]
		if x == nil || x.rollupKey != k {
			if x, err = r.row(k); err != nil {
				return err
			}
			f.last[i] = x
		}
		if x.first == 0 || n < x.first {
			x.first = n
		}
		x.last = max(x.last, n)
		x.tally.Count(&w.sample)
		if !x.dirty {
			x.dirty = true
			r.dirty = append(r.dirty, x)
		}
	}
	return nil
}

// limit takes the app out of a facet if the account has had too many others that day.
func (r *rollups) limit(account string, day int64, f *analytics.Facet) error {
	if f.App == "" && f.Origin == "" || f.App == analytics.Other {
		f.Origin = ""
		return nil
	}
	used, err := r.usedApps(appDay{account, day})
	if err != nil {
		return err
	}
	a := app{f.App, f.Origin}
	switch {
	case used[a]:
	case len(used) < analytics.MaxApps:
		used[a] = true
		r.names++
	default:
		f.App, f.Origin = analytics.Other, ""
	}
	return nil
}

func (r *rollups) usedApps(k appDay) (map[app]bool, error) {
	if used := r.used[k]; used != nil {
		return used, nil
	}
	used := map[app]bool{}
	err := r.apps.each(func(v []driver.Value) error {
		if a := (app{text(v[0]), text(v[1])}); a != (app{}) && a.name != analytics.Other {
			used[a] = true
		}
		return nil
	}, k.account, k.day)
	r.used[k] = used
	r.names += len(used)
	return used, err
}

// facet is what is known of a facet, which is written if it is new.
func (r *rollups) facet(f *analytics.Facet) (*facet, error) {
	if x := r.known[*f]; x != nil {
		return x, nil
	}
	x := &facet{}
	got := func(v []driver.Value) error { x.id, _ = v[0].(int64); return nil }
	args := []driver.Value{f.Workspace, f.Member, f.Key, f.Model, f.Provider, f.Endpoint, f.App, f.Origin, f.API, string(f.Outcome), flag(f.BYOK)}
	err := r.find.each(got, args...)
	if err == nil && x.id == 0 {
		err = r.insert.each(got, args...)
	}
	if err != nil {
		return nil, fmt.Errorf("facet of model %q and key %s: %w", f.Model, f.Key, err)
	}
	r.known[*f] = x
	return x, nil
}

// row is the row with a key, as it is on disk if it is not held.
func (r *rollups) row(k rollupKey) (*rollup, error) {
	if x := r.held[k]; x != nil {
		return x, nil
	}
	x := &rollup{rollupKey: k}
	err := r.read.each(func(v []driver.Value) error {
		x.first, x.last = v[0].(int64), v[1].(int64)
		for i := range analytics.Columns {
			x.tally.Sums[i] = v[2+i].(int64)
		}
		return x.tally.ReadRest(v[2+analytics.Columns].([]byte), &r.all)
	}, k.grain, k.account, k.at, k.facet)
	if err != nil {
		return nil, fmt.Errorf("sums of account %s: %w", k.account, err)
	}
	r.held[k] = x
	return x, nil
}

// flush writes what has changed.
func (r *rollups) flush() error {
	r.buf = r.buf[:0]
	for _, x := range r.dirty {
		start := len(r.buf)
		r.buf = x.tally.AppendRest(r.buf)
		r.write.add(x.grain)
		r.write.add(x.account)
		r.write.add(x.at)
		r.write.add(x.facet)
		r.write.add(x.first)
		r.write.add(x.last)
		for _, sum := range x.tally.Sums[:analytics.Columns] {
			r.write.add(sum)
		}
		r.write.add(r.buf[start:len(r.buf):len(r.buf)])
		x.dirty = false
		if err := r.packs.changed(&x.rollupKey); err != nil {
			return err
		}
	}
	r.dirty = cleared(r.dirty)
	return r.write.flush()
}

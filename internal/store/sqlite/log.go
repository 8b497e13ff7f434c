package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

const (
	// mostLooks is how many searches of the log run at once; others wait.
	mostLooks = 2
	// mostRead is how many buckets a search reads record by record.
	mostRead = 12
	// digestsAtOnce is how many digests are read together, mostDigests how many a search reads.
	digestsAtOnce = 256
	mostDigests   = 64 * digestsAtOnce
)

// Log searches bucket by bucket (names.go), in one view of the database. Buckets whose
// digest says that nothing in them is kept are skipped.
func (s *Store) Log(ctx context.Context, f store.LogFilter) (store.LogPage, error) {
	select {
	case s.looks <- struct{}{}:
		defer func() { <-s.looks }()
	case <-ctx.Done():
		return store.LogPage{}, ctx.Err()
	}
	l := &look{ctx: ctx, LogFilter: f, wanted: wantedHashes(&f), reads: mostRead, digests: mostDigests}
	if err := l.in(s); err != nil {
		return store.LogPage{}, fmt.Errorf("search the log of account %s: %w", f.Account, err)
	}
	return l.page, nil
}

// look is one search.
type look struct {
	ctx context.Context
	store.LogFilter
	wanted [][]uint64
	c      conn
	rows   *statement
	args   []driver.Value // of rows, after the stretch

	reads, digests int // how many buckets may still be read, and digests
	page           store.LogPage
}

func (l *look) in(s *Store) error {
	if err := s.catchUp(l.ctx); err != nil {
		return err
	}
	if l.ID != "" {
		if n, err := s.find(l.ctx, l.ID); err == nil { // it is a whole id: one record
			l.Before, l.After = n+1, n-1
		} else if !errors.Is(err, errNotFound) {
			return err
		}
		l.narrowByID()
	}
	pooled, err := s.read.Conn(l.ctx)
	if err != nil {
		return err
	}
	defer pooled.Close()
	return pooled.Raw(func(d any) error {
		l.c = conn{Conn: d.(driver.Conn)}
		if err := l.c.run(`BEGIN`); err != nil {
			return err
		}
		defer l.c.run(`ROLLBACK`) // nothing was written
		return l.search()
	})
}

// nearID is how far from the time in an id the request that has it may have come: it may be
// the id that another gateway gave it.
const nearID = time.Hour

// narrowByID narrows the search to when what begins like the id was made.
func (l *look) narrowByID() {
	from, to, ok := id.Made(id.Generation, l.ID)
	if !ok {
		return
	}
	if from = from.Add(-nearID); from.After(l.From) {
		l.From = from
	}
	if to = to.Add(nearID); l.To.IsZero() || to.Before(l.To) {
		l.To = to
	}
}

func (l *look) search() (err error) {
	if l.page.Newest, err = l.c.number(`SELECT coalesce(max(n), 0) FROM generations`); err != nil {
		return err
	}
	lowest, highest := l.After+1, l.page.Newest
	if l.Before > 0 {
		highest = min(highest, l.Before-1)
	}
	if err := l.prepare(); err != nil {
		return err
	}
	defer l.rows.stmt.Close()
	for lowest <= highest && l.digests > 0 {
		part := l.next(lowest, highest)
		if stop, err := l.part(part); err != nil || stop {
			return err
		}
		l.passed(part)
		if l.Upward {
			lowest = part.highest + 1
		} else {
			highest = part.lowest - 1
		}
	}
	l.page.End = lowest > highest
	return nil
}

// stretch is some consecutive records.
type stretch struct{ lowest, highest int64 }

// next is the records of the next buckets whose digests are read together.
func (l *look) next(lowest, highest int64) stretch {
	if l.Upward {
		return stretch{lowest, min(highest, bucketEnd(lowest>>bucketBits+digestsAtOnce-1))}
	}
	return stretch{max(lowest, (highest>>bucketBits-digestsAtOnce+1)<<bucketBits), highest}
}

// passed notes that the records of a stretch need not be looked at again.
func (l *look) passed(p stretch) {
	if l.page.Last = p.lowest; l.Upward {
		l.page.Last = p.highest
	}
}

// part searches the buckets of a stretch; stop is that the search ends with them.
func (l *look) part(p stretch) (stop bool, err error) {
	first := p.lowest >> bucketBits
	digests := make([]*digest, p.highest>>bucketBits-first+1)
	if err := l.readDigests(first, digests); err != nil {
		return false, err
	}
	for i := range digests {
		if !l.Upward {
			i = len(digests) - 1 - i
		}
		bucket, d := first+int64(i), digests[i]
		if d != nil && !l.Upward && d.settled < l.From.UnixMicro() && !l.From.IsZero() {
			l.page.End = true // all that is older ended, and so came, before
			return true, nil
		}
		if d == nil || d.may(l.wanted) {
			if stop, err := l.bucket(stretch{max(p.lowest, bucket<<bucketBits), min(p.highest, bucketEnd(bucket))}); stop || err != nil {
				return stop, err
			}
		}
	}
	return false, nil
}

func (l *look) readDigests(first int64, to []*digest) error {
	s, err := l.c.prepare(readDigests)
	if err != nil {
		return err
	}
	defer s.stmt.Close()
	l.digests -= len(to)
	until := int64(math.MaxInt64)
	if !l.To.IsZero() {
		until = l.To.UnixMicro()
	}
	return s.eachOf(l.ctx, func(v []driver.Value) error {
		d := digestFrom(v)
		to[d.bucket-first] = d
		return nil
	}, first, first+int64(len(to))-1, l.From.UnixMicro(), until, int64(l.MinCost), l.MinLatency)
}

// errPageFull ends the reading of a bucket.
var errPageFull = errors.New("page is full")

// bucket reads the records of a stretch, at most a bucket.
func (l *look) bucket(p stretch) (stop bool, err error) {
	if l.reads == 0 {
		return true, nil
	}
	l.reads--
	err = l.rows.eachOf(l.ctx, l.record, append([]driver.Value{p.lowest, p.highest}, l.args...)...)
	if errors.Is(err, errPageFull) {
		return true, nil
	}
	l.passed(p)
	return false, err
}

// record takes one record into the page if the filter keeps it.
func (l *look) record(v []driver.Value) error {
	rec, detail := recordFrom(v[1:])
	readSearched(detail, rec)
	if !l.Keeps(rec) {
		return nil
	}
	_ = readDetail(detail, rec) // of a damaged detail there is no more than its beginning
	l.page.Records = append(l.page.Records, store.Logged{N: integer(v[0]), Record: rec})
	if len(l.page.Records) < l.Limit {
		return nil
	}
	l.page.Last = integer(v[0])
	return errPageFull
}

// inColumns are the columns of fields of the log; what is in the detail is found by the
// text of its member.
var (
	inColumns = map[string]string{"model": "model", "provider": "provider", "endpoint": "endpoint", "api_key_hash": "key", "user_id": "member", "workspace_id": "workspace", "outcome": "outcome"}
	inDetail  = map[string]string{"asked": "asked", "api_type": "api", "finish_reason": "finish", "session_id": "session", "external_user": "user"}
)

// prepare makes the statement that reads a bucket. It keeps at least what the filter
// keeps; a row that it leaves out costs a tenth of one that is decoded.
func (l *look) prepare() (err error) {
	where := []string{`n BETWEEN ? AND ?`, `account = ?`}
	l.args = []driver.Value{l.Account}
	add := func(condition string, args ...driver.Value) {
		where, l.args = append(where, condition), append(l.args, args...)
	}
	if !l.From.IsZero() {
		add(`created >= ?`, l.From.UnixMicro())
	}
	if !l.To.IsZero() {
		add(`created < ?`, l.To.UnixMicro())
	}
	if l.MinCost > 0 {
		add(`cost >= ?`, int64(l.MinCost))
	}
	if l.MinLatency > 0 {
		add(`cast(cast(substr(detail, instr(detail, ?) + 13, 12) AS TEXT) AS INTEGER) >= ?`, []byte(`"latency_ms":`), l.MinLatency)
	}
	if l.Streamed != nil && *l.Streamed {
		add(`instr(detail, ?)`, []byte(`"streamed":true`))
	}
	if l.ID != "" {
		add(`(instr(id, ?) OR instr(upstream, ?) OR instr(detail, ?))`, l.ID, l.ID, quoted(l.ID))
	}
	for i := range store.LogFields {
		if condition, args := within(store.LogFields[i].Name, l.Values); condition != "" {
			add(condition, args...)
		}
	}
	order := ` ORDER BY n DESC`
	if l.Upward {
		order = ` ORDER BY n`
	}
	l.rows, err = l.c.prepare(`SELECT n, ` + recordColumns + ` FROM generations WHERE ` + strings.Join(where, ` AND `) + order)
	return err
}

// within is the condition that a field has one of the values; "" when only the record can
// tell: what is empty has no member in the detail.
func within(field string, values map[string][]string) (string, []driver.Value) {
	var any []string
	var args []driver.Value
	for _, v := range values[field] {
		column, member := inColumns[field], inDetail[field]
		switch {
		case column != "":
			any, args = append(any, column+` = ?`), append(args, v)
		case v == "":
			return "", nil
		case member != "":
			any, args = append(any, `instr(detail, ?)`), append(args, rawjson.AppendString([]byte(`"`+member+`":`), v))
		default: // an app: the title, or the beginning of the referer
			any, args = append(any, `instr(detail, ?)`), append(args, quoted(v))
		}
	}
	if any == nil {
		return "", nil
	}
	return `(` + strings.Join(any, ` OR `) + `)`, args
}

// quoted is a text as it stands within a string of JSON.
func quoted(s string) []byte {
	b := rawjson.AppendString(nil, s)
	return b[1 : len(b)-1]
}

// readSearched sets what of a record the log is narrowed by from its detail, of which most
// is not. A record whose detail cannot be read is known by its columns.
func readSearched(detail []byte, rec *generation.Record) {
	d := rawjson.Lend()
	defer d.Free()
	if d.Parse(detail) != nil {
		return
	}
	for k, v := range d.Root().Members() {
		readMember(k, v, rec)
	}
}

// readMember takes one member of a detail.
func readMember(k, v rawjson.Node, rec *generation.Record) {
	switch {
	case k.Is("api"):
		rec.API = v.Str()
	case k.Is("asked"):
		rec.Asked = v.Str()
	case k.Is("streamed"):
		rec.Streamed = v.Bool()
	case k.Is("finish"):
		rec.Finish = llm.Finish(v.Str())
	case k.Is("latency_ms"):
		rec.LatencyMS = v.Int64()
	case k.Is("referer"):
		rec.Referer = v.Str()
	case k.Is("title"):
		rec.Title = v.Str()
	case k.Is("user"):
		rec.User = v.Str()
	case k.Is("session"):
		rec.Session = v.Str()
	case k.Is("request_id"):
		rec.RequestID = v.Str()
	}
}

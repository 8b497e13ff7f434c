package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Log reads the records one after another, in the order in which the requests ended.
type Log interface {
	// Log is a page of the records that the filter keeps. It looks at a bounded number of
	// them: a page may be short, or empty, and still not be the last.
	Log(ctx context.Context, f LogFilter) (LogPage, error)
}

// LogFilter narrows the log. All that it says must hold.
type LogFilter struct {
	Account string
	Before  int64 // only records with a lower number; 0 any
	After   int64 // only records with a higher number
	Upward  bool  // from After on to newer ones, instead of from Before to older ones
	Limit   int   // records in a page, at least 1

	From, To   time.Time           // when the request came; To is not included; zero: any
	Values     map[string][]string // by the name of a LogField: one of them is the record's
	MinCost    money.Amount
	MinLatency int64 // ms
	Streamed   *bool
	ID         string // is a part of the id, the upstream's id or the client's id of the request
}

// LogPage is what one look at the log found.
type LogPage struct {
	Records []Logged // in the order of the search
	End     bool     // there are no more
	Last    int64    // number of the last record looked at: the search goes on beyond it
	Newest  int64    // number of the newest record there is, of anybody
}

// Logged is a record and its number in the order in which requests ended.
type Logged struct {
	N int64
	*generation.Record
}

// LogField is something of a record that the log can be narrowed by.
type LogField struct {
	Name string // of the query parameter
	Of   func(*generation.Record) string
}

// LogFields are all of them.
var LogFields = [...]LogField{
	{"model", func(r *generation.Record) string { return r.Model }},
	{"asked", func(r *generation.Record) string { return r.Asked }},
	{"provider", func(r *generation.Record) string { return r.Provider }},
	{"endpoint", func(r *generation.Record) string { return r.Endpoint }},
	{"api_key_hash", func(r *generation.Record) string { return r.Key }},
	{"user_id", func(r *generation.Record) string { return r.Member }},
	{"workspace_id", func(r *generation.Record) string { return r.Workspace }},
	{"app", analytics.App},
	{"api_type", func(r *generation.Record) string { return r.API }},
	{"outcome", func(r *generation.Record) string { return string(r.Outcome) }},
	{"finish_reason", func(r *generation.Record) string { return string(r.Finish) }},
	{"session_id", func(r *generation.Record) string { return r.Session }},
	{"external_user", func(r *generation.Record) string { return r.User }},
}

// Keeps reports whether the filter keeps a record, its place in the order apart.
func (f *LogFilter) Keeps(r *generation.Record) bool {
	if r.Account != f.Account || r.Created.Before(f.From) || !f.To.IsZero() && !r.Created.Before(f.To) ||
		r.Cost < f.MinCost || r.LatencyMS < f.MinLatency || f.Streamed != nil && r.Streamed != *f.Streamed {
		return false
	}
	for i := range LogFields {
		if wanted := f.Values[LogFields[i].Name]; len(wanted) > 0 && !slices.Contains(wanted, LogFields[i].Of(r)) {
			return false
		}
	}
	return f.ID == "" || strings.Contains(r.ID, f.ID) || strings.Contains(r.Upstream, f.ID) || strings.Contains(r.RequestID, f.ID)
}

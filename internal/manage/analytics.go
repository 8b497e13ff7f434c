package manage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// analyticsTime is how long a query may take.
const analyticsTime = 20 * time.Second

// label is a row of one of the tables of what can be asked.
type label struct {
	Name   string            `json:"name"`
	Label  string            `json:"display_label,omitempty"`
	Format *analytics.Format `json:"display_format,omitempty"`
	Rate   *bool             `json:"is_rate,omitempty"`
	Takes  string            `json:"value_type,omitempty"`
}

// analyticsMeta is what can be asked (reference §3.18).
type analyticsMeta struct {
	Metrics       []label `json:"metrics"`
	Dimensions    []label `json:"dimensions"`
	Operators     []label `json:"operators"`
	Granularities []label `json:"granularities"`
}

func (a *API) getAnalyticsMeta(*call) (any, error) {
	var m analyticsMeta
	for i := range analytics.Metrics {
		x := &analytics.Metrics[i]
		m.Metrics = append(m.Metrics, label{Name: x.Name, Label: x.Label, Format: &x.Format, Rate: &x.Rate})
	}
	for i := range analytics.Dimensions {
		m.Dimensions = append(m.Dimensions, label{Name: analytics.Dimensions[i].Name, Label: analytics.Dimensions[i].Label})
	}
	for i := range analytics.Operators {
		takes := "scalar"
		if analytics.Operators[i].List {
			takes = "array"
		}
		m.Operators = append(m.Operators, label{Name: analytics.Operators[i].Name, Takes: takes})
	}
	for i := range analytics.Cuts {
		m.Granularities = append(m.Granularities, label{Name: string(analytics.Cuts[i].Name), Label: analytics.Cuts[i].Label})
	}
	return data{m}, nil
}

// analyticsAnswer is the answer to a query.
type analyticsAnswer struct {
	Data     []json.RawMessage `json:"data"`
	Metadata analyticsMetadata `json:"metadata"`
	Warnings []string          `json:"warnings,omitempty"`
}

type analyticsMetadata struct {
	QueryTime int64 `json:"query_time_ms"`
	Rows      int   `json:"row_count"`
	Truncated bool  `json:"truncated"`
}

func (a *API) queryAnalytics(c *call) (any, error) {
	p := c.params()
	as := c.format(p)
	if p.err != nil {
		return nil, p.err
	}
	raw, err := c.bytes(maxBody, "")
	if err != nil {
		return nil, err
	}
	q, err := a.analyticsQuery(c, raw)
	if err != nil {
		return nil, err
	}
	if as != asJSON {
		result, coverage, err := a.sumAnalytics(c, q)
		if err != nil {
			return nil, err
		}
		return as.document(c, &result, append(q.Warnings(), coverageWarnings(coverage)...)...), nil
	}
	out, err := a.answerAnalytics(c, q)
	if err != nil {
		return nil, err
	}
	return data{out}, nil
}

// answerAnalytics is the answer to one query.
func (a *API) answerAnalytics(c *call, q *analytics.Query) (*analyticsAnswer, error) {
	began := a.Now()
	result, coverage, err := a.sumAnalytics(c, q)
	if err != nil {
		return nil, err
	}
	out := &analyticsAnswer{Data: []json.RawMessage{}, Warnings: append(q.Warnings(), coverageWarnings(coverage)...),
		Metadata: analyticsMetadata{a.Now().Sub(began).Milliseconds(), len(result.Rows), result.Truncated}}
	for _, row := range result.Rows {
		out.Data = append(out.Data, result.AppendObject(nil, row))
	}
	return out, nil
}

// mostQueries is how many may be asked at once.
const mostQueries = 4

// queryAnalyticsAtOnce answers several queries, or none when one of them is wrong.
func (a *API) queryAnalyticsAtOnce(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	var asked []json.RawMessage
	if b.read("queries", false, &asked, "a list of queries"); b.err != nil {
		return nil, b.err
	}
	if len(asked) == 0 || len(asked) > mostQueries {
		return nil, fault.Bad("queries", fmt.Sprintf("queries must have 1 to %d queries, not %d", mostQueries, len(asked)))
	}
	queries := make([]*analytics.Query, len(asked))
	for i, raw := range asked {
		if queries[i], err = a.analyticsQuery(c, raw); err != nil {
			return nil, inPart(err, fmt.Sprintf("queries[%d]", i))
		}
	}
	out := make([]*analyticsAnswer, len(queries))
	for i, q := range queries {
		if out[i], err = a.answerAnalytics(c, q); err != nil {
			return nil, err
		}
	}
	return data{out}, nil
}

// inPart says in which part of a body the parameter is that an error is about.
func inPart(err error, part string) error {
	e := *fault.As(err)
	if e.Param == "" {
		e.Param = part
	} else {
		e.Param = part + "." + e.Param
	}
	e.Public = part + ": " + e.Public
	return &e
}

func (a *API) analyticsQuery(c *call, raw []byte) (*analytics.Query, error) {
	ask, err := analytics.ReadAsk(raw)
	if err != nil {
		return nil, err
	}
	if ask.Labelled() {
		if ask.Labels, err = a.labels(c); err != nil {
			return nil, err
		}
	}
	return analytics.New(ask, c.now)
}

// labels is what labels of the caller's keys say now, by the hash that records name. Of a key that was replaced they are
// those of the last that replaced it.
func (a *API) labels(c *call) (func(key, label string) string, error) {
	keys, err := a.keys(c, store.KeyFilter{IncludeDisabled: true}, func(k *account.Key) bool { return k.Labels != nil || k.Family != "" })
	if err != nil {
		return nil, err
	}
	of := map[account.KeyHash]map[string]string{}
	for _, k := range keys { // in order of creation
		of[k.Subject()] = k.Labels
	}
	return func(key, label string) string { return of[account.KeyHash(key)][label] }, nil
}

func (a *API) sumAnalytics(c *call, q *analytics.Query) (analytics.Result, analytics.Coverage, error) {
	ctx, cancel := analyticsContext(c)
	defer cancel()
	t := analytics.NewTable(q)
	coverage, err := a.Store.Tally(ctx, q.Span(a.account(c)), q.Want(), t.Add)
	if err := tallied(ctx, err); err != nil {
		return analytics.Result{}, coverage, err
	}
	return t.Result(func(column, value string) any { return a.beside(c, column, value) }), coverage, nil
}

func analyticsContext(c *call) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), analyticsTime)
}

// tallied classifies an error of the sums: one that took too long is 408 (reference §3.18).
func tallied(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &fault.Error{Kind: fault.TimedOut, Status: http.StatusRequestTimeout,
			Public: "The query took longer than 20 seconds; narrow its time range or take a coarser granularity"}
	}
	return stored("sum up the records", err)
}

// beside is what a value of a dimension is called: the names of keys and workspaces, the
// addresses of members. Null is one that is gone.
func (a *API) beside(c *call, column, value string) any {
	switch column {
	case "api_key_name":
		if k, ok := a.Store.KeyOf(account.KeyHash(value)); ok && a.owns(c, k) {
			return k.Name
		}
	case "api_key_label":
		if k, ok := a.Store.KeyOf(account.KeyHash(value)); ok && a.owns(c, k) {
			return k.Label
		}
	case "user_email":
		if m, ok := a.Directory.Member(a.account(c), value); ok {
			return m.Email
		}
	case "workspace_name":
		if w, ok := a.Directory.Workspace(a.account(c), value); ok {
			return w.Name
		}
	}
	return nil
}

func coverageWarnings(c analytics.Coverage) []string {
	var out []string
	if c.Behind > 0 {
		out = append(out, "older requests are still being counted after an update and are not all in these figures")
	}
	if c.Widened {
		out = append(out, "time_range does not begin and end with an hour and there are very many requests: the hours at its ends are counted as a whole")
	}
	return out
}

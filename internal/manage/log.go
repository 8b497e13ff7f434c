package manage

import (
	"cmp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

const (
	mostLogRows   = 500
	mostLogValues = 50  // of one parameter
	mostFacets    = 100 // values of one parameter in the answer of listFacets
	facetDays     = 30
)

// outcomes are the words for how requests end, coarser than those of the record.
var outcomes = map[string][]string{
	"ok":        {string(generation.Completed), string(generation.Empty)},
	"error":     {string(generation.Failed), string(generation.Broken), string(generation.Lost)},
	"cancelled": {string(generation.Cancelled)},
}

// statusOf is the coarse word for an outcome.
func statusOf(o generation.Outcome) string {
	for word, of := range outcomes {
		if slices.Contains(of, string(o)) {
			return word
		}
	}
	return "error"
}

// listGenerations is a page of the log of requests, the newest first. An inference key sees
// its own.
func (a *API) listGenerations(c *call) (any, error) {
	f, err := a.logFilter(c)
	if err != nil {
		return nil, err
	}
	page, err := a.Store.Log(c.Context(), f)
	if err != nil {
		return nil, stored("search the log of requests", err)
	}
	if f.Upward {
		slices.Reverse(page.Records)
	}
	place := func(n int64) *string { s := a.Cursors.Seal(f.Account, n); return &s }
	out := logPage{Data: []logRow{}, Newest: place(page.Newest)}
	for _, r := range page.Records {
		out.Data = append(out.Data, a.logRow(c, r))
	}
	switch {
	case f.Upward && page.End:
		out.After = out.Newest
	case f.Upward:
		out.After = place(page.Last)
	case !page.End:
		out.Before = place(page.Last)
	}
	return out, nil
}

// logFilter reads the parameters of listGenerations.
func (a *API) logFilter(c *call) (store.LogFilter, error) {
	p := c.params()
	f := store.LogFilter{Account: a.account(c), Values: map[string][]string{}}
	for i := range store.LogFields {
		name := store.LogFields[i].Name
		f.Values[name] = p.texts(name, mostLogValues)
	}
	if status := p.choice("status", "ok", "error", "cancelled"); status != "" {
		f.Values["outcome"] = append(f.Values["outcome"], outcomes[status]...)
	}
	for i, ref := range f.Values["workspace_id"] {
		if w, ok := a.Directory.Workspace(f.Account, ref); ok {
			f.Values["workspace_id"][i] = w.ID // a slug was given
		}
	}
	f.From, f.To = p.moment("from"), p.moment("to")
	f.MinCost = p.amount("min_cost")
	f.MinLatency, _ = p.int("min_latency", 0, maxOffset)
	if _, ok := p.get("streamed"); ok {
		streamed := p.flag("streamed")
		f.Streamed = &streamed
	}
	f.ID, _ = p.get("q")
	f.Before, _ = p.cursor("before", f.Account, a.Cursors)
	f.After, f.Upward = p.cursor("after", f.Account, a.Cursors)
	limit, ok := p.int("limit", 1, mostLogRows)
	if f.Limit = int(limit); !ok {
		f.Limit = 50
	}
	if f.Upward && f.Before > 0 {
		p.fail("after", "given without before")
	}
	if p.err == nil {
		p.err = c.narrow(&f)
	}
	return f, p.err
}

// narrow keeps an inference key to its own requests.
func (c *call) narrow(f *store.LogFilter) error {
	if c.key == nil || c.key.Management {
		return nil
	}
	own := string(c.key.Subject())
	if asked := f.Values["api_key_hash"]; len(asked) > 0 && !slices.Equal(asked, []string{own}) {
		return fault.New(fault.Denied, "An inference key sees its own requests only; leave api_key_hash out, or use a management key")
	}
	f.Values["api_key_hash"] = []string{own}
	return nil
}

// logPage is an answer of listGenerations.
type logPage struct {
	Data   []logRow `json:"data"`
	Before *string  `json:"before"` // for the next page, of older requests; null: there is none
	After  *string  `json:"after"`  // for what ends from now on, of a page that was asked for with after
	Newest *string  `json:"newest"` // where to begin with after
}

// logRow is a request as the log shows it.
type logRow struct {
	ID        string  `json:"id"`
	Created   string  `json:"created_at"`
	API       *string `json:"api_type"`
	Model     *string `json:"model"` // who answered; null when none did
	Asked     string  `json:"asked"`
	Provider  *string `json:"provider_name"`
	Endpoint  *string `json:"endpoint_id"`
	Preset    *string `json:"preset_id"`
	Key       string  `json:"api_key_hash"`
	KeyLabel  any     `json:"api_key_label"`
	KeyName   any     `json:"api_key_name"`
	Member    *string `json:"user_id"`
	Email     any     `json:"user_email"`
	Workspace *string `json:"workspace_id"`
	Space     any     `json:"workspace_name"`
	spent
	tokens
	CacheWrite int64               `json:"native_tokens_cache_write"`
	Cached     *float64            `json:"cached_share"` // of the prompt, 0 to 1
	Latency    *int64              `json:"latency"`      // ms to the first content
	Time       *int64              `json:"generation_time"`
	Throughput *float64            `json:"throughput"` // completion tokens a second, to the end
	Status     string              `json:"status"`
	Outcome    generation.Outcome  `json:"outcome"`
	Finish     *string             `json:"finish_reason"`
	Error      *generation.Failure `json:"error"`
	Attempts   int                 `json:"attempts"`
	App        *string             `json:"app"`
	Streamed   bool                `json:"streamed"`
	Session    *string             `json:"session_id"`
	User       *string             `json:"external_user"`
}

func (a *API) logRow(c *call, r store.Logged) logRow {
	row := logRow{
		ID: r.ID, Created: timestamp(r.Created), API: present(r.API), Model: present(r.Model), Asked: r.Asked,
		Provider: present(r.Provider), Endpoint: present(r.Endpoint),
		Key: r.Key, KeyName: a.beside(c, "api_key_name", r.Key), KeyLabel: a.beside(c, "api_key_label", r.Key),
		Member: present(r.Member), Email: a.beside(c, "user_email", r.Member),
		Workspace: present(r.Workspace), Space: a.beside(c, "workspace_name", r.Workspace),
		spent: newSpent(r.Record), tokens: newTokens(&r.Usage), CacheWrite: r.Usage.CacheWrites(),
		Latency: known(r.LatencyMS), Time: known(r.GenerationMS),
		Status: statusOf(r.Outcome), Outcome: r.Outcome, Finish: present(string(r.Finish)), Error: r.Error, Attempts: len(r.Attempts),
		App: present(analytics.App(r.Record)), Streamed: r.Streamed, Session: present(r.Session), User: present(r.User),
	}
	if r.Preset != nil {
		row.Preset = &r.Preset.ID
	}
	if prompt := r.Usage.Prompt(); prompt > 0 {
		row.Cached = quotient(r.Usage.CacheRead, prompt)
	}
	if r.GenerationMS > 0 && r.Usage.Completion() > 0 {
		row.Throughput = quotient(r.Usage.Completion()*1000, r.GenerationMS)
	}
	return row
}

func quotient(a, b int64) *float64 {
	q := float64(a) / float64(b)
	return &q
}

// facetRow is a value that the log can be narrowed to.
type facetRow struct {
	Value    string `json:"value"`
	Label    any    `json:"label"` // what the value is called; null: itself
	Requests int64  `json:"requests"`
}

// facets are what listFacets gives values of, by the parameter of listGenerations that takes
// them.
var facets = [...]struct {
	name, beside string
	of           func(*analytics.Facet) string
}{
	{"model", "", func(f *analytics.Facet) string { return f.Model }},
	{"provider", "", func(f *analytics.Facet) string { return f.Provider }},
	{"endpoint", "", func(f *analytics.Facet) string { return f.Endpoint }},
	{"api_key_hash", "api_key_name", func(f *analytics.Facet) string { return f.Key }},
	{"user_id", "user_email", func(f *analytics.Facet) string { return f.Member }},
	{"workspace_id", "workspace_name", func(f *analytics.Facet) string { return f.Workspace }},
	{"app", "", func(f *analytics.Facet) string { return f.App }},
	{"api_type", "", func(f *analytics.Facet) string { return f.API }},
	{"outcome", "", func(f *analytics.Facet) string { return string(f.Outcome) }},
}

// listFacets is what requests of the last 30 days had, the most frequent first.
func (a *API) listFacets(c *call) (any, error) {
	ctx, cancel := analyticsContext(c)
	defer cancel()
	own := store.LogFilter{Values: map[string][]string{}}
	if err := c.narrow(&own); err != nil {
		return nil, err
	}
	var want analytics.Want
	want.Sums[analytics.Requests] = true
	from := c.now.Truncate(24*time.Hour).AddDate(0, 0, -facetDays)
	span := analytics.Span{Account: a.account(c), From: from, To: c.now.Add(24 * time.Hour).Truncate(24 * time.Hour), Grain: analytics.Days}
	var found facetCounts
	_, err := a.Store.Tally(ctx, span, want, func(p *analytics.Piece) error {
		if keys := own.Values["api_key_hash"]; keys == nil || keys[0] == p.Facet.Key {
			found.add(p)
		}
		return nil
	})
	if err := tallied(ctx, err); err != nil {
		return nil, err
	}
	counts := found.values()
	out := map[string][]facetRow{}
	for i := range facets {
		out[facets[i].name] = a.facetRows(c, facets[i].beside, counts[i])
	}
	return data{out}, nil
}

// facetCounts counts requests by facet, of which there are fewer than pieces.
type facetCounts struct {
	index map[int64]int // by FacetID
	list  []facetCount
}

type facetCount struct {
	analytics.Facet
	requests int64
}

func (f *facetCounts) add(p *analytics.Piece) {
	i, known := f.index[p.FacetID]
	if !known || p.FacetID == 0 {
		if f.index == nil {
			f.index = map[int64]int{}
		}
		i = len(f.list)
		f.index[p.FacetID] = i
		f.list = append(f.list, facetCount{Facet: *p.Facet})
	}
	f.list[i].requests += p.Tally.Sums[analytics.Requests]
}

// values are the requests of each value of each of facets.
func (f *facetCounts) values() (counts [len(facets)]map[string]int64) {
	for i := range facets {
		counts[i] = map[string]int64{}
		for j := range f.list {
			if v := facets[i].of(&f.list[j].Facet); v != "" && v != analytics.Other {
				counts[i][v] += f.list[j].requests
			}
		}
	}
	return counts
}

func (a *API) facetRows(c *call, beside string, counts map[string]int64) []facetRow {
	rows := make([]facetRow, 0, len(counts))
	for v, n := range counts {
		rows = append(rows, facetRow{v, nil, n})
	}
	slices.SortFunc(rows, func(a, b facetRow) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Value, b.Value))
	})
	rows = rows[:min(len(rows), mostFacets)]
	for i := range rows {
		rows[i].Label = a.beside(c, beside, rows[i].Value)
	}
	return rows
}

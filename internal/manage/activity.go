package manage

import (
	"cmp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// activityDays is how far back activity goes, today not included.
const activityDays = 30

const isoDate = "2006-01-02"

// activityRow is a day of an endpoint in OpenRouter's shape (reference §3.18).
type activityRow struct {
	Date       string       `json:"date"`
	Model      string       `json:"model"`
	Permaslug  string       `json:"model_permaslug"`
	Endpoint   string       `json:"endpoint_id"`
	Provider   string       `json:"provider_name"`
	Workspace  *string      `json:"workspace_id,omitempty"`
	Usage      money.Amount `json:"usage"`
	Elsewhere  money.Amount `json:"byok_usage_inference"`
	Requests   int64        `json:"requests"`
	Prompt     int64        `json:"prompt_tokens"`
	Completion int64        `json:"completion_tokens"`
	Reasoning  int64        `json:"reasoning_tokens"`
}

// activityQuery is what of the account's activity is wanted.
type activityQuery struct {
	from, to               time.Time
	key, member, workspace string // "" any
	split                  bool   // by workspace
	format                 format
}

type activityKey struct {
	at                                   int64
	model, endpoint, provider, workspace string
}

func (a *API) getActivity(c *call) (any, error) {
	q, err := a.newActivityQuery(c)
	if err != nil {
		return nil, err
	}
	sums, err := a.sumActivity(c, q)
	if err != nil {
		return nil, err
	}
	rows := a.activityRows(sums, q.split)
	if q.format == asJSON {
		return data{rows}, nil
	}
	return q.format.document(c, activityTable(rows, q.split)), nil
}

func (a *API) newActivityQuery(c *call) (*activityQuery, error) {
	p := c.params()
	today := c.now.Truncate(24 * time.Hour)
	q := &activityQuery{from: today.AddDate(0, 0, -activityDays), to: today, format: c.format(p)}
	q.key, _ = p.get("api_key_hash")
	q.member, _ = p.get("user_id")
	q.workspace = a.workspaceOf(c, p)
	q.split = p.choice("group_by", "workspace") != ""
	if s, ok := p.get("date"); ok {
		date, err := time.Parse(isoDate, s)
		if err != nil || date.Before(q.from) || !date.Before(q.to) {
			p.fail("date", "one of the last 30 days in UTC that are over, from "+q.from.Format(isoDate)+" to "+q.to.AddDate(0, 0, -1).Format(isoDate))
		}
		q.from, q.to = date, date.AddDate(0, 0, 1)
	}
	return q, p.err
}

// keeps reports whether a piece is wanted. A request without a workspace, of a key that had
// none, counts for the default one. A request that no endpoint answered and that
// cost nothing is no endpoint's activity.
func (q *activityQuery) keeps(p *analytics.Piece, workspace string) bool {
	f := p.Facet
	return (q.key == "" || f.Key == q.key) && (q.member == "" || f.Member == q.member) && (q.workspace == "" || workspace == q.workspace) &&
		(f.Endpoint != "" || p.Tally.Sums[analytics.Cost] != 0 || p.Tally.Sums[analytics.Elsewhere] != 0)
}

func (a *API) sumActivity(c *call, q *activityQuery) (map[activityKey]*analytics.Tally, error) {
	ctx, cancel := analyticsContext(c)
	defer cancel()
	sums := map[activityKey]*analytics.Tally{}
	home := a.home(c)
	span := analytics.Span{Account: a.account(c), From: q.from, To: q.to, Grain: analytics.Days}
	_, err := a.Store.Tally(ctx, span, activityWant(), func(p *analytics.Piece) error {
		workspace := cmp.Or(p.Facet.Workspace, home)
		if !q.keeps(p, workspace) {
			return nil
		}
		k := activityKey{at: p.At, model: p.Facet.Model, endpoint: p.Facet.Endpoint, provider: p.Facet.Provider}
		if q.split {
			k.workspace = workspace
		}
		if sums[k] == nil {
			if len(sums) >= analytics.MaxRows {
				return fault.New(fault.Invalid, "The activity has too many rows; ask for one date at a time")
			}
			sums[k] = &analytics.Tally{}
		}
		sums[k].Add(p.Tally)
		return nil
	})
	return sums, tallied(ctx, err)
}

func activityWant() (w analytics.Want) {
	for _, m := range [...]analytics.Measure{analytics.Cost, analytics.Elsewhere, analytics.Requests, analytics.Prompt, analytics.Completion, analytics.Reasoning} {
		w.Sums[m] = true
	}
	return w
}

// activityRows are the newest day first, then by what they cost.
func (a *API) activityRows(sums map[activityKey]*analytics.Tally, split bool) []activityRow {
	snap := a.Catalog()
	rows := make([]activityRow, 0, len(sums))
	for k, t := range sums {
		r := activityRow{
			Date: time.Unix(k.at, 0).UTC().Format(isoDate), Model: k.model, Permaslug: k.model, Endpoint: k.endpoint, Provider: k.provider,
			Usage: money.Amount(t.Sums[analytics.Cost]), Elsewhere: money.Amount(t.Sums[analytics.Elsewhere]),
			Requests: t.Sums[analytics.Requests], Prompt: t.Sums[analytics.Prompt], Completion: t.Sums[analytics.Completion], Reasoning: t.Sums[analytics.Reasoning],
		}
		if m := snap.Model(k.model); m != nil {
			r.Permaslug = cmp.Or(m.CanonicalSlug, m.Slug)
		}
		if split {
			r.Workspace = &k.workspace
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, compareActivity)
	return rows
}

func compareActivity(a, b activityRow) int {
	return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(b.Usage, a.Usage), cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Provider, b.Provider), cmp.Compare(workspaceOf(a), workspaceOf(b)))
}

func workspaceOf(r activityRow) string {
	if r.Workspace == nil {
		return ""
	}
	return *r.Workspace
}

func activityTable(rows []activityRow, split bool) *analytics.Result {
	t := &analytics.Result{Columns: []string{"date", "model", "model_permaslug", "endpoint_id", "provider_name", "usage", "byok_usage_inference",
		"requests", "prompt_tokens", "completion_tokens", "reasoning_tokens"}}
	if split {
		t.Columns = append(t.Columns, "workspace_id")
	}
	for _, r := range rows {
		row := []any{r.Date, r.Model, r.Permaslug, r.Endpoint, r.Provider, r.Usage, r.Elsewhere, r.Requests, r.Prompt, r.Completion, r.Reasoning}
		if split {
			row = append(row, *r.Workspace)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

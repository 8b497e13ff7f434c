package manage

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

const (
	rankedModels = 50 // of each period; the rest is one row
	rankedDays   = 366
	others       = "other"
)

// ranking is what is ranked: requests of some days, all of the account's or one key's.
type ranking struct {
	from, to time.Time // midnights; to is not included
	key      string    // ""  all
	period   string    // of models
	modality string    // of models
}

// rankedRow is a model's tokens in one period, in OpenRouter's shape (reference §3.26).
type rankedRow struct {
	Date   string `json:"date"`
	Model  string `json:"model_permaslug"`
	Tokens string `json:"total_tokens"`
}

type rankings struct {
	Data any          `json:"data"`
	Meta rankingsMeta `json:"meta"`
}

type rankingsMeta struct {
	AsOf    string `json:"as_of"`
	Version string `json:"version"`
	Start   string `json:"start_date"`
	End     string `json:"end_date"` // included
}

type rankedKey struct{ date, model string }

// rankModels ranks models by the tokens of the caller's requests. OpenRouter's ranking is of
// everybody's; this one is of those that the caller may see.
func (a *API) rankModels(c *call) (any, error) {
	p := c.params()
	r := newRanking(c, p)
	r.period, r.modality = cmp.Or(p.choice("period", "day", "week", "month"), "day"), p.choice("modality", "text", "image", "image_output", "audio", "tool_calling")
	if p.unknown("context_bucket", "category", "language_type"); r.modality == "tool_calling" && p.err == nil {
		p.err = fault.New(fault.Unbuilt, "The sums of requests do not say which called tools; leave modality out")
	}
	if p.err != nil {
		return nil, p.err
	}
	sums, err := a.sumModels(c, r)
	if err != nil {
		return nil, err
	}
	return rankings{rankedRows(sums), r.meta(c)}, nil
}

func (r *ranking) meta(c *call) rankingsMeta {
	return rankingsMeta{timestamp(c.now), "v1", r.from.Format(isoDate), r.to.AddDate(0, 0, -1).Format(isoDate)}
}

func newRanking(c *call, p *params) *ranking {
	r := &ranking{}
	today := c.now.UTC().Truncate(24 * time.Hour)
	r.to = p.date("end_date", today.AddDate(0, 0, -1)).AddDate(0, 0, 1)
	r.from = p.date("start_date", r.to.AddDate(0, 0, -31))
	switch days := int(r.to.Sub(r.from) / (24 * time.Hour)); {
	case days < 1:
		p.fail("start_date", "no later than end_date")
	case days > rankedDays:
		p.fail("start_date", "at most 366 days before end_date")
	}
	if c.key != nil && !c.key.Management {
		r.key = string(c.key.Subject())
	}
	return r
}

// unknown refuses a wish for what requests are not summed up by.
func (p *params) unknown(names ...string) {
	for _, name := range names {
		if _, asked := p.get(name); asked && p.err == nil {
			p.err = fault.New(fault.Unbuilt, "The sums of requests are not kept by "+name+"; leave it out")
		}
	}
}

// date is a day in UTC.
func (p *params) date(name string, otherwise time.Time) time.Time {
	s, ok := p.get(name)
	if !ok {
		return otherwise
	}
	at, err := time.Parse(isoDate, s)
	if err != nil {
		p.fail(name, "a day such as 2026-03-04")
	}
	return at
}

// sumRanking hands on what the requests of each day used.
func (a *API) sumRanking(c *call, r *ranking, each func(*analytics.Piece, int64) error) error {
	ctx, cancel := analyticsContext(c)
	defer cancel()
	var want analytics.Want
	want.Sums[analytics.Prompt], want.Sums[analytics.Completion], want.Sums[analytics.Requests] = true, true, true
	span := analytics.Span{Account: a.account(c), From: r.from, To: r.to, Grain: analytics.Days}
	_, err := a.Store.Tally(ctx, span, want, func(p *analytics.Piece) error {
		if r.key != "" && p.Facet.Key != r.key {
			return nil
		}
		return each(p, p.Tally.Sums[analytics.Prompt]+p.Tally.Sums[analytics.Completion])
	})
	return tallied(ctx, err)
}

func (a *API) sumModels(c *call, r *ranking) (map[rankedKey]int64, error) {
	sums, snap := map[rankedKey]int64{}, a.Catalog()
	err := a.sumRanking(c, r, func(p *analytics.Piece, tokens int64) error {
		name := p.Facet.Model
		if name == "" || tokens == 0 {
			return nil
		}
		m := snap.Model(name)
		if m != nil {
			name = cmp.Or(m.CanonicalSlug, m.Slug)
		}
		if r.modality != "" && (m == nil || !r.shows(&listing{model: m})) {
			return nil
		}
		if sums[rankedKey{r.begin(p.At), name}] += tokens; len(sums) > analytics.MaxRows {
			return fault.New(fault.Invalid, "The ranking has too many rows; ask for fewer days, or by week or month")
		}
		return nil
	})
	return sums, err
}

// shows reports whether a model is of the modality asked for.
func (r *ranking) shows(l *listing) bool {
	switch r.modality {
	case "text":
		return slices.Contains(l.outputs(), "text")
	case "image_output":
		return slices.Contains(l.outputs(), "image")
	}
	return slices.Contains(l.inputs(), r.modality)
}

// begin is the first day of the period of a moment in Unix seconds.
func (r *ranking) begin(at int64) string {
	day := time.Unix(at, 0).UTC()
	switch r.period {
	case "week":
		day = day.AddDate(0, 0, -(int(day.Weekday())+6)%7) // Monday
	case "month":
		day = day.AddDate(0, 0, 1-day.Day())
	}
	return day.Format(isoDate)
}

// rankedRows are the first models of each period and the others together, the oldest period first.
func rankedRows(sums map[rankedKey]int64) []rankedRow {
	keys := make([]rankedKey, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b rankedKey) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(sums[b], sums[a]), cmp.Compare(a.model, b.model))
	})
	rows, rest, place := []rankedRow{}, int64(0), 0
	for i, k := range keys {
		if place++; place <= rankedModels {
			rows = append(rows, rankedRow{k.date, k.model, strconv.FormatInt(sums[k], 10)})
		} else {
			rest += sums[k]
		}
		if i+1 == len(keys) || keys[i+1].date != k.date {
			if rest > 0 {
				rows = append(rows, rankedRow{k.date, others, strconv.FormatInt(rest, 10)})
			}
			rest, place = 0, 0
		}
	}
	return rows
}

// rankedApp is an application in OpenRouter's shape.
type rankedApp struct {
	Rank     int    `json:"rank"`
	ID       int64  `json:"app_id"` // made of the name: there is no other
	Name     string `json:"app_name"`
	Tokens   string `json:"total_tokens"`
	Requests int64  `json:"total_requests"`
}

// rankApps ranks applications by the tokens of the requests of theirs that the caller may see.
func (a *API) rankApps(c *call) (any, error) {
	p := c.params()
	r := newRanking(c, p)
	limit, given := p.int("limit", 1, 100)
	if !given {
		limit = rankedModels
	}
	offset, _ := p.int("offset", 0, 100)
	if p.unknown("category", "subcategory"); p.choice("sort", "popular", "trending") == "trending" && p.err == nil {
		p.err = fault.New(fault.Unbuilt, "Applications are not sorted by their trend in this version; leave sort out")
	}
	if p.err != nil {
		return nil, p.err
	}
	type sum struct{ tokens, requests int64 }
	sums := map[string]sum{}
	err := a.sumRanking(c, r, func(p *analytics.Piece, tokens int64) error {
		if name := p.Facet.App; name != "" {
			sums[name] = sum{sums[name].tokens + tokens, sums[name].requests + p.Tally.Sums[analytics.Requests]}
		}
		if len(sums) > analytics.MaxRows {
			return fault.New(fault.Invalid, "There are too many applications; ask for fewer days")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	names := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(sums[b].tokens, sums[a].tokens), cmp.Compare(a, b))
	})
	rows := []rankedApp{}
	for i := int(offset); i < min(int(offset+limit), len(names)); i++ {
		s := sums[names[i]]
		rows = append(rows, rankedApp{i + 1, appID(names[i]), names[i], strconv.FormatInt(s.tokens, 10), s.requests})
	}
	return rankings{rows, r.meta(c)}, nil
}

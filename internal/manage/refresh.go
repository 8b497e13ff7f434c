package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
)

const (
	maxPriceList   = 16 << 20 // bytes of one that is sent along
	maxAccepted    = 10_000
	defaultFactor  = 2.0
	priceListsFrom = "https://models.dev/api.json" // where nobody says another
)

// refresh is how a price list is to be held against the catalogue.
type refresh struct {
	URL    string
	List   json.RawMessage
	DryRun bool
	Factor float64
	Accept []string // ids of endpoints whose refused change is accepted
	All    bool     // every refused change is
	Whole  bool     // what is not known is shown too
}

// refreshCatalog compares the catalogue with a price list, and unless it is only to be seen
// puts in force what the list changes.
func (a *API) refreshCatalog(c *call) (any, error) {
	b, err := c.bodyOf(maxPriceList)
	if err != nil {
		return nil, err
	}
	r := b.refresh()
	if b.err != nil {
		return nil, b.err
	}
	offers, err := a.offers(c.Context(), c.now, &r)
	if err != nil {
		return nil, err
	}
	before := a.Catalog()
	changes := feed.Diff(before, offers, r.Factor)
	for i := range changes {
		changes[i].Accepted = r.All || slices.Contains(r.Accept, changes[i].Endpoint)
	}
	row := newRefreshRow(changes, &r)
	if row.Before = before.Revision(); !r.DryRun {
		detail := map[string]any{"url": r.URL, "added": row.Added, "changed": row.Changed, "removed": row.Removed, "accepted": r.Accept}
		if row.Applied, err = a.Reprice(c.Context(), a.entry(c, "catalog.refresh", "catalog", detail), changes); err != nil {
			return nil, stored("apply a price list", err)
		}
	}
	row.Revision = a.Catalog().Revision()
	return data{row}, nil
}

func (b *body) refresh() refresh {
	r := refresh{DryRun: b.flag("dry_run"), Factor: defaultFactor, Whole: b.flag("all"), List: b.members["list"]}
	if r.URL = b.within("url", true, 0, 2048); r.URL != "" && r.List != nil {
		b.fail("url", "absent where list is given")
	}
	if r.URL == "" && r.List == nil {
		r.URL = priceListsFrom
	}
	if b.has("factor") {
		if b.read("factor", false, &r.Factor, "a number of 1 or more") && r.Factor < 1 {
			b.fail("factor", "a number of 1 or more")
		}
	}
	if b.has("accept") {
		r.Accept = b.texts("accept", true, maxAccepted)
		r.All = slices.Contains(r.Accept, "all")
	}
	return r
}

// offers are what the price list has.
func (a *API) offers(ctx context.Context, now time.Time, r *refresh) ([]feed.Offer, error) {
	if r.List != nil {
		offers, err := feed.Import(bytes.NewReader(r.List), catalog.Source{Name: "uploaded list", AsOf: now.Format(time.DateOnly)})
		if err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Param: "list", Public: "The list cannot be read: " + err.Error()}
		}
		return offers, nil
	}
	offers, err := a.PriceList(ctx, r.URL)
	r.URL = withoutQuery(r.URL)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Param: "url", Err: err, Public: fmt.Sprintf("The price list cannot be had: %v; or send it along as list", err)}
	}
	return offers, nil
}

// withoutQuery is an address for the log: a query may hold a secret.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// refreshRow is what a price list changes.
type refreshRow struct {
	DryRun   bool        `json:"dry_run"`
	Before   string      `json:"revision_before"`
	Revision string      `json:"revision"`
	Added    int         `json:"added"`
	Changed  int         `json:"changed"`
	Removed  int         `json:"removed"`
	Refused  int         `json:"refused"`
	Unknown  int         `json:"unknown"` // offers of models that nobody here knows
	Applied  int         `json:"applied"`
	Changes  []changeRow `json:"changes"`
}

type changeRow struct {
	Kind     feed.Kind      `json:"kind"`
	Endpoint *string        `json:"endpoint"`
	Provider string         `json:"provider_slug"`
	Model    *string        `json:"model"`
	Upstream *string        `json:"upstream_model_id"`
	Old      *pricing       `json:"old_pricing"`
	New      *pricing       `json:"new_pricing"`
	Rate     *string        `json:"rate"`
	Factor   *float64       `json:"factor"`
	Applies  bool           `json:"applies"`
	Refused  *string        `json:"refused_because"`
	Source   catalog.Source `json:"source"`
}

func newRefreshRow(changes []feed.Change, r *refresh) refreshRow {
	row := refreshRow{DryRun: r.DryRun, Changes: []changeRow{}}
	for i := range changes {
		ch := &changes[i]
		if ch.Model == "" {
			row.Unknown++
			if !r.Whole {
				continue
			}
		}
		switch ch.Kind {
		case feed.Added:
			row.Added++
		case feed.Changed:
			row.Changed++
		case feed.Removed:
			row.Removed++
		}
		if !ch.Applies() {
			row.Refused++
		}
		row.Changes = append(row.Changes, newChangeRow(ch))
	}
	return row
}

func newChangeRow(ch *feed.Change) changeRow {
	row := changeRow{
		Kind: ch.Kind, Endpoint: present(ch.Endpoint), Provider: ch.Provider, Model: present(ch.Model), Upstream: present(ch.Offer.UpstreamModel),
		Old: priceOrNot(ch.Old), New: priceOrNot(ch.New), Rate: present(ch.Rate), Applies: ch.Applies(), Refused: present(ch.Why), Source: ch.Offer.Source,
	}
	if ch.Factor > 0 {
		row.Factor = &ch.Factor
	}
	return row
}

// priceOrNot is a price; nil is none.
func priceOrNot(p *catalog.Pricing) *pricing {
	if p == nil {
		return nil
	}
	out := newPricing(p)
	return &out
}

// listPriceChanges is what was applied of price lists, the newest first.
func (a *API) listPriceChanges(c *call) (any, error) {
	book, err := a.PriceBook()
	if err != nil {
		return nil, err
	}
	return paged(c, book.History(), newPriceStepRow)
}

// priceStepRow is a price that took another one's place.
type priceStepRow struct {
	From     string         `json:"from"`
	Endpoint string         `json:"endpoint"`
	Provider string         `json:"provider_slug"`
	Model    string         `json:"model"`
	Old      *pricing       `json:"old_pricing"`
	New      *pricing       `json:"new_pricing"`
	Unpriced *string        `json:"unpriced"`
	Source   catalog.Source `json:"source"`
}

func newPriceStepRow(s feed.Step) priceStepRow {
	row := priceStepRow{From: timestamp(s.From), Endpoint: s.Endpoint, Provider: s.Provider, Model: s.Model,
		New: priceOrNot(s.Price.Pricing()), Unpriced: present(s.Unpriced), Source: s.Source}
	if s.Before != nil {
		row.Old = priceOrNot(s.Before.Price.Pricing())
	}
	return row
}

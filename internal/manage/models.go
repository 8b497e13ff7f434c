package manage

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of a page of models (reference §1.7), and of any offset.
const (
	defaultPage = 500
	maxPage     = 1000
	maxOffset   = 1 << 31
)

// modelList is a page of models. Object makes it a list for OpenAI's SDKs.
type modelList struct {
	Object string     `json:"object"`
	Data   []modelRow `json:"data"`
	Total  int        `json:"total_count"`
	Links  struct {
		Next *string `json:"next"`
	} `json:"links"`
}

// listModels is the models that the caller can use, and with all=true the others too.
// A client of Anthropic's gets its own shape.
func (a *API) listModels(c *call) (any, error) {
	if forAnthropic(c.Request) {
		return a.anthropicModels(c)
	}
	if forGoogle(c.Request) {
		return a.googleModels(c, "")
	}
	p := c.params()
	keep := p.filters(c.now)
	by := p.choice("sort", slices.Sorted(maps.Keys(orders))...)
	cut := p.cut()
	all, rss := p.flag("all"), p.flag("use_rss")
	p.flag("use_rss_chat_links")
	if p.err != nil {
		return nil, p.err
	}
	list := a.viewer(c).models(all, keep)
	order(list, by, a.Health.Snapshot(c.now))
	out := newModelList(c, list, cut)
	if rss {
		return a.feed(c, out.Data)
	}
	return out, nil
}

// listEmbeddingModels is the models that the caller can have texts embedded by, and with
// all=true the others too.
func (a *API) listEmbeddingModels(c *call) (any, error) {
	p := c.params()
	cut, all := p.cut(), p.flag("all")
	if p.err != nil {
		return nil, p.err
	}
	embeds := func(l *listing) bool { return slices.Contains(l.outputs(), "embeddings") }
	return newModelList(c, a.viewer(c).models(all, []modelFilter{embeds}), cut), nil
}

// cut is the part of a list of models that is asked for; without offset and limit, all of it.
type cut struct {
	offset, limit int64
	whole         bool
}

func (p *params) cut() cut {
	offset, hasOffset := p.int("offset", 0, maxOffset)
	limit, hasLimit := p.int("limit", 1, maxPage)
	if !hasLimit {
		limit = defaultPage
	}
	return cut{offset, limit, !hasOffset && !hasLimit}
}

func newModelList(c *call, list []*listing, part cut) modelList {
	out := modelList{Object: "list", Data: []modelRow{}, Total: len(list)}
	if !part.whole {
		list, out.Links.Next = page(c, list, int(part.offset), int(part.limit))
	}
	for _, l := range list {
		out.Data = append(out.Data, l.row())
	}
	return out
}

// page is a part of the list and the link to the next.
func page(c *call, list []*listing, offset, limit int) ([]*listing, *string) {
	from := min(offset, len(list))
	to := min(from+limit, len(list))
	if to == len(list) {
		return list[from:], nil
	}
	q := url.Values{}
	maps.Copy(q, c.URL.Query())
	q.Set("offset", strconv.Itoa(to))
	q.Set("limit", strconv.Itoa(limit))
	next := fullPath(c.Request) + "?" + q.Encode()
	return list[from:to], &next
}

// models are those that every filter keeps, by slug.
func (v viewer) models(all bool, keep []modelFilter) []*listing {
	var list []*listing
	for _, m := range v.snap.Models() {
		l := v.listing(m)
		if (all || len(l.usable) > 0) && !slices.ContainsFunc(keep, func(f modelFilter) bool { return !f(l) }) {
			list = append(list, l)
		}
	}
	return list
}

// countModels is how many models listModels lists.
func (a *API) countModels(c *call) (any, error) {
	p := c.params()
	keep, all := p.filters(c.now), p.flag("all")
	if p.err != nil {
		return nil, p.err
	}
	return data{struct {
		Count int `json:"count"`
	}{len(a.viewer(c).models(all, keep))}}, nil
}

// getModel is one model of the catalogue, whether the caller can use it or not.
func (a *API) getModel(c *call) (any, error) {
	l, err := a.findModel(c)
	if err != nil {
		return nil, err
	}
	return data{l.row()}, nil
}

// retrieveModel is the same in the shape of OpenAI's SDKs, which write the slug as one
// escaped segment or as it stands.
func (a *API) retrieveModel(c *call) (any, error) {
	if forGoogle(c.Request) {
		return a.googleModels(c, modelName(c))
	}
	l, err := a.findModel(c)
	if err != nil {
		return nil, err
	}
	if forAnthropic(c.Request) {
		return l.anthropic(), nil
	}
	return l.row(), nil
}

// modelName is what the path calls the model: a slug with its slash escaped, or not.
func modelName(c *call) string {
	if id := c.PathValue("id"); id != "" {
		return id
	}
	return c.PathValue("author") + "/" + c.PathValue("slug")
}

func (a *API) findModel(c *call) (*listing, error) {
	v := a.viewer(c)
	r, err := v.snap.Resolve(modelName(c))
	if err != nil {
		return nil, absent(err)
	}
	l := v.listing(r.Model)
	l.alias = r.Alias
	return l, nil
}

// absent is a name that means no model, where the name is the resource.
func absent(err error) error {
	f := *fault.As(err)
	if f.Kind == fault.NoModel {
		f.Status, f.Type = fault.Rules[fault.NotFound].Status, fault.Rules[fault.NotFound].Type
	}
	return &f
}

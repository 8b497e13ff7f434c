package manage

import (
	"cmp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// anthropicModel is a model as Anthropic's clients read it
// (https://docs.anthropic.com/en/api/models-list).
type anthropicModel struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Name    string `json:"display_name"`
	Created string `json:"created_at"` // RFC 3339
	Input   int64  `json:"max_input_tokens,omitempty"`
	Output  int64  `json:"max_tokens,omitempty"`
}

type anthropicList struct {
	Data  []anthropicModel `json:"data"`
	More  bool             `json:"has_more"`
	First *string          `json:"first_id"`
	Last  *string          `json:"last_id"`
}

// anthropicModels is listModels for a client of Anthropic's, whose pages begin after or end
// before a model.
func (a *API) anthropicModels(c *call) (any, error) {
	p := c.params()
	limit, given := p.int("limit", 1, maxPage)
	if !given {
		limit = 20
	}
	after, _ := p.get("after_id")
	before, _ := p.get("before_id")
	if p.err != nil {
		return nil, p.err
	}
	list := a.viewer(c).models(false, []modelFilter{func(l *listing) bool {
		return slices.ContainsFunc(l.usable, func(e *catalog.Endpoint) bool { return e.Serves(llm.Generate) })
	}})
	order(list, "newest", nil)
	at := func(slug string) int {
		return slices.IndexFunc(list, func(l *listing) bool { return l.model.Slug == slug })
	}
	from, to := 0, len(list)
	if after != "" {
		from = at(after) + 1
	}
	if i := at(before); before != "" && i >= 0 {
		to = i
		from = max(from, to-int(limit))
	}
	from = min(from, to)
	out := anthropicList{Data: []anthropicModel{}, More: to-from > int(limit) || before != "" && from > 0}
	for _, l := range list[from:min(to, from+int(limit))] {
		out.Data = append(out.Data, l.anthropic())
	}
	if n := len(out.Data); n > 0 {
		out.First, out.Last = &out.Data[0].ID, &out.Data[n-1].ID
	}
	return out, nil
}

func (l *listing) anthropic() anthropicModel {
	m := l.model
	return anthropicModel{Type: "model", ID: cmp.Or(l.alias, m.Slug), Name: cmp.Or(m.Name, m.Slug),
		Created: time.Unix(m.Created, 0).UTC().Format(time.RFC3339), Input: l.contextLength(), Output: m.MaxOutput}
}

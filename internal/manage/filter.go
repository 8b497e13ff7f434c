package manage

import (
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// A modelFilter keeps a model. One that asks for a figure the catalogue does not have keeps
// none: a model is listed for what is known of it.
type modelFilter func(*listing) bool

// categories are OpenRouter's; the catalogue puts no model into one.
var categories = []string{"programming", "roleplay", "marketing", "marketing/seo", "technology", "science",
	"translation", "legal", "finance", "health", "trivia", "academia"}

// figures are filters by measurements that the catalogue does not have.
var figures = []string{"intelligence_index", "coding_index", "agentic_index", "tool_success_rate"}

// filters reads the query of a list of models.
func (p *params) filters(now time.Time) []modelFilter {
	var list []modelFilter
	add := func(on bool, f modelFilter) {
		if on {
			list = append(list, f)
		}
	}
	p.byText(add)
	p.byModality(add)
	p.byNumber(add, now)
	p.byEndpoint(add)
	p.byUnknown(add)
	return list
}

func (p *params) byText(add func(bool, modelFilter)) {
	words := strings.Fields(strings.ToLower(p.values.Get("q")))
	add(len(words) > 0, func(l *listing) bool {
		text := strings.ToLower(l.model.Slug + " " + l.model.Name)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
	authors := p.list("model_authors")
	add(authors != nil, func(l *listing) bool { return slices.Contains(authors, strings.ToLower(l.model.Author)) })
	family, ok := p.get("arch")
	add(ok, func(l *listing) bool { return foldPrefix(l.model.Tokenizer, family) })
	wanted := p.list("supported_parameters")
	add(wanted != nil, func(l *listing) bool { return containsAll(l.parameters(), wanted) })
}

// byModality: a model must take all inputs asked for, and give one of the outputs. Without
// a wish it must give text, as OpenRouter has it.
func (p *params) byModality(add func(bool, modelFilter)) {
	in := p.list("input_modalities")
	add(in != nil, func(l *listing) bool { return containsAll(l.inputs(), in) })
	out := p.list("output_modalities")
	if out == nil {
		out = []string{"text"}
	}
	add(!slices.Contains(out, "all"), func(l *listing) bool {
		return slices.ContainsFunc(l.outputs(), func(m string) bool { return slices.Contains(out, m) })
	})
}

func (p *params) byNumber(add func(bool, modelFilter), now time.Time) {
	tokens, ok := p.int("context", 1, 1<<53)
	add(ok, func(l *listing) bool { return l.contextLength() >= tokens })
	priced := func(name string, fits func(p *catalog.Pricing, bound money.Price) bool) {
		bound, ok := p.perMillion(name)
		add(ok, func(l *listing) bool { return l.shown != nil && l.shown.Pricing != nil && fits(l.shown.Pricing, bound) })
	}
	priced("min_price", func(p *catalog.Pricing, bound money.Price) bool { return p.Prompt >= bound })
	priced("max_price", func(p *catalog.Pricing, bound money.Price) bool { return p.Prompt <= bound })
	priced("min_output_price", func(p *catalog.Pricing, bound money.Price) bool { return p.Completion >= bound })
	priced("max_output_price", func(p *catalog.Pricing, bound money.Price) bool { return p.Completion <= bound })
	days := func(l *listing) int64 { return int64(now.Sub(time.Unix(l.model.Created, 0)) / (24 * time.Hour)) }
	youngest, ok := p.int("min_age_days", 0, 1<<20)
	add(ok, func(l *listing) bool { return l.model.Created > 0 && days(l) >= youngest })
	oldest, ok := p.int("max_age_days", 0, 1<<20)
	add(ok, func(l *listing) bool { return l.model.Created > 0 && days(l) <= oldest })
}

// byEndpoint keeps models that one usable endpoint makes fit; with all=true, one that might be.
func (p *params) byEndpoint(add func(bool, modelFilter)) {
	of := func(l *listing) []*catalog.Endpoint { return l.usable }
	if p.flag("all") {
		of = func(l *listing) []*catalog.Endpoint { return l.all }
	}
	names := p.list("providers")
	add(names != nil, func(l *listing) bool {
		return slices.ContainsFunc(of(l), func(e *catalog.Endpoint) bool {
			return slices.Contains(names, strings.ToLower(e.Provider.Name)) || slices.Contains(names, e.Provider.Slug)
		})
	})
	add(p.choice("zdr", "true") != "", func(l *listing) bool {
		return slices.ContainsFunc(of(l), func(e *catalog.Endpoint) bool { return e.Data.ZDR() })
	})
	region := p.choice("region", "eu", "us")
	add(region != "", func(l *listing) bool {
		return slices.ContainsFunc(of(l), func(e *catalog.Endpoint) bool { return foldPrefix(e.Region, region) })
	})
}

func (p *params) byUnknown(add func(bool, modelFilter)) {
	none := func(*listing) bool { return false }
	add(p.choice("category", categories...) != "", none)
	add(p.choice("distillable", "true", "false") == "true", none) // "false" takes none away
	for _, name := range figures {
		_, least := p.get("min_" + name)
		_, most := p.get("max_" + name)
		add(least || most, none)
	}
}

func containsAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

func foldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

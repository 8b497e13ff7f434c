package catalog

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The methods below name the fields of the data files. Each answers false for a field it
// does not know.

func (r *row) source(key string, v rawjson.Node, s *Source) bool {
	switch key {
	case "source":
		s.Name = r.str(v)
	case "as_of":
		s.AsOf = r.str(v)
	default:
		return false
	}
	return true
}

func (r *row) alias(key string, v rawjson.Node, a *Alias) bool {
	switch key {
	case "name":
		a.Name = r.str(v)
	case "model":
		a.Model = r.str(v)
	default:
		return false
	}
	return true
}

func (r *row) provider(key string, v rawjson.Node, p *Provider) bool {
	switch key {
	case "slug":
		p.Slug = r.str(v)
	case "name":
		p.Name = r.str(v)
	case "kind":
		p.Kind = r.str(v)
	case "base_url":
		p.BaseURL = r.str(v)
	case "protocol":
		p.Protocol = llm.Dialect(r.str(v))
	case "also":
		for _, d := range r.strs(v) {
			p.Also = append(p.Also, llm.Dialect(d))
		}
	case "only":
		p.Only = r.strs(v)
	case "platform":
		p.Platform = r.str(v)
	case "api_version":
		p.APIVersion = r.str(v)
	case "auth":
		p.Auth = r.str(v)
	case "env":
		p.Env = r.strs(v)
	case "docs":
		p.Docs = r.str(v)
	case "headquarters":
		p.Headquarters = r.str(v)
	case "datacenters":
		p.Datacenters = r.strs(v)
	case "data":
		return r.dataPolicy(v, &p.Data)
	default:
		return r.source(key, v, &p.Source)
	}
	return true
}

func (r *row) dataPolicy(n rawjson.Node, p *DataPolicy) bool {
	p.RetentionDays = -1
	for k, v := range n.Members() {
		switch key := r.str(k); key {
		case "trains":
			p.Trains = r.tri(v)
		case "retains":
			p.Retains = r.tri(v)
		case "publishes":
			p.Publishes = r.tri(v)
		case "days":
			p.RetentionDays = int(r.int(v))
		default:
			if !r.source(key, v, &p.Source) {
				return false
			}
		}
	}
	return true
}

func (r *row) model(key string, v rawjson.Node, m *Model) bool {
	switch key {
	case "slug":
		m.Slug = r.str(v)
		m.CanonicalSlug = m.Slug
		m.Author, _, _ = strings.Cut(m.Slug, "/")
	case "canonical":
		m.CanonicalSlug = r.str(v)
	case "name":
		m.Name = r.str(v)
	case "created":
		m.Created = r.int(v)
	case "context":
		m.ContextLength = r.int(v)
	case "max_output":
		m.MaxOutput = r.int(v)
	case "input":
		m.InputModalities = r.words(v)
	case "output":
		m.OutputModalities = r.words(v)
	case "parameters":
		m.SupportedParameters = r.words(v)
	case "defaults":
		m.DefaultParameters = r.floats(v)
	case "reasoning":
		m.Reasoning = r.yes(v)
	case "moderated":
		m.Moderated = r.yes(v)
	case "open_weights":
		m.OpenWeights = r.yes(v)
	default:
		return r.modelText(key, v, m)
	}
	return true
}

func (r *row) modelText(key string, v rawjson.Node, m *Model) bool {
	switch key {
	case "tokenizer":
		m.Tokenizer = r.str(v)
	case "instruct":
		m.InstructType = r.str(v)
	case "hugging_face":
		m.HuggingFaceID = r.str(v)
	case "cutoff":
		m.KnowledgeCutoff = r.str(v)
	case "expires":
		m.Expires = r.str(v)
	default:
		return r.source(key, v, &m.Source)
	}
	return true
}

func (r *row) floats(n rawjson.Node) map[string]float64 {
	m := make(map[string]float64, n.Len())
	for k, v := range n.Members() {
		f, ok := v.Float()
		if !ok {
			r.fail("want numbers")
		}
		m[r.str(k)] = f
	}
	return m
}

func (r *row) endpoint(key string, v rawjson.Node, e *Endpoint) bool {
	switch key {
	case "model":
		if e.Model = r.models[r.str(v)]; e.Model == nil {
			r.fail("no such model")
		}
	case "provider":
		if e.Provider = r.providers[r.str(v)]; e.Provider == nil {
			r.fail("no such provider")
		}
	case "tag":
		e.Tag = r.str(v)
	case "upstream":
		e.UpstreamModel = r.str(v)
	case "context":
		e.ContextLength = r.int(v)
	case "max_prompt":
		e.MaxPrompt = r.int(v)
	case "max_output":
		e.MaxOutput = r.int(v)
	case "quantization":
		e.Quantization = r.str(v)
	case "input":
		e.InputModalities = r.words(v)
	case "output":
		e.OutputModalities = r.words(v)
	case "parameters":
		e.Parameters = r.words(v)
	case "implicit_caching":
		e.ImplicitCaching = r.yes(v)
	case "variant":
		e.Variant = r.str(v)
	case "region":
		e.Region = r.str(v)
	case "data":
		return r.dataPolicy(v, &e.Data)
	case "price":
		e.Pricing = new(Pricing)
		return r.pricing(v, e.Pricing)
	case "unpriced":
		e.Unpriced = r.str(v)
	case "reasoning":
		return r.reasoning(v, &e.Reasoning)
	default:
		return r.source(key, v, &e.Source)
	}
	return true
}

func (r *row) reasoning(n rawjson.Node, o *ReasoningOptions) bool {
	for k, v := range n.Members() {
		switch r.str(k) {
		case "effort":
			o.Effort, o.Efforts = true, r.words(v)
		case "budget":
			o.Budget = r.yes(v)
		case "adaptive":
			o.Adaptive = r.yes(v)
		case "mandatory":
			o.Mandatory = r.yes(v)
		default:
			return false
		}
	}
	return true
}

func (r *row) pricing(n rawjson.Node, p *Pricing) bool {
	for k, v := range n.Members() {
		ok := true
		switch key := r.str(k); key {
		case "free":
			p.Free = r.yes(v)
		case "tiers":
			ok = r.tiers(v, p)
		case "priority":
			p.Priority = new(Rates)
			ok = r.rates(v, p.Priority)
		default:
			ok = r.rate(key, v, &p.Rates)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (r *row) tiers(n rawjson.Node, p *Pricing) bool {
	p.Tiers = make([]Tier, 0, n.Len())
	for node := range n.Elems() {
		var t Tier
		for k, v := range node.Members() {
			if key := r.str(k); key == "above" {
				t.AbovePrompt = r.int(v)
			} else if !r.rate(key, v, &t.Rates) {
				return false
			}
		}
		p.Tiers = append(p.Tiers, t)
	}
	return true
}

func (r *row) rates(n rawjson.Node, rates *Rates) bool {
	for k, v := range n.Members() {
		if !r.rate(r.str(k), v, rates) {
			return false
		}
	}
	return true
}

func (r *row) rate(key string, v rawjson.Node, rates *Rates) bool {
	switch key {
	case "prompt":
		rates.Prompt = *r.price(v)
		return true
	case "completion":
		rates.Completion = *r.price(v)
		return true
	}
	slot := rates.Optional(key)
	if slot == nil {
		return false
	}
	*slot = r.price(v)
	return true
}

// Optional is the rate of that name in the data files and in overlays, to read or to set;
// nil for a name that is none of RateNames.
func (r *Rates) Optional(name string) **money.Price {
	switch name {
	case "cache_read":
		return &r.CacheRead
	case "cache_write":
		return &r.CacheWrite
	case "cache_write_1h":
		return &r.CacheWrite1h
	case "reasoning":
		return &r.Reasoning
	case "audio_input":
		return &r.AudioInput
	case "image_input":
		return &r.ImageInput
	case "audio_output":
		return &r.AudioOutput
	case "image_output":
		return &r.ImageOutput
	case "image":
		return &r.Image
	case "request":
		return &r.Request
	case "web_search":
		return &r.WebSearch
	case "search":
		return &r.Search
	case "character":
		return &r.Character
	case "audio_second":
		return &r.AudioSecond
	case "output_image":
		return &r.OutputImage
	}
	return nil
}

// RateNames are the names that Rates.Optional knows, in a fixed order.
var RateNames = [...]string{
	"cache_read", "cache_write", "cache_write_1h", "reasoning", "audio_input", "image_input",
	"audio_output", "image_output", "image", "request", "web_search",
	"search", "character", "audio_second", "output_image",
}

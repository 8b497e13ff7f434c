package field

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Efforts are the words of reasoning effort.
var Efforts = []string{"max", "xhigh", "high", "medium", "low", "minimal", "none"}

// Routing reads the provider object (reference §4.2). What it asks for and nobody knows is
// reported: a misspelt wish is not fulfilled.
func Routing(req *llm.Request, v rawjson.Node) (err error) {
	if err := Want("provider", v, rawjson.Object); err != nil {
		return err
	}
	r := &req.Routing
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		name := k.Str()
		path := "provider." + name
		var on bool
		switch name {
		case "order":
			r.Order, err = Strs(path, f, 256, 128)
		case "only":
			r.Only, err = Strs(path, f, 256, 128)
		case "ignore":
			r.Ignore, err = Strs(path, f, 256, 128)
		case "quantizations":
			r.Quantizations, err = Strs(path, f, 32, 16)
		case "allow_fallbacks":
			on, err = Bool(path, f)
			r.NoFallbacks = !on
		case "require_parameters":
			r.RequireParameters, err = Bool(path, f)
		case "data_collection":
			var s string
			s, err = OneOf(path, f, []string{"allow", "deny"})
			r.DenyDataCollection = s == "deny"
		case "zdr":
			r.ZDR, err = Bool(path, f)
		case "enforce_distillable_text":
			r.DistillableOnly, err = Bool(path, f)
		case "sort":
			err = sortBy(r, f)
		case "preferred_min_throughput":
			r.MinThroughput, err = percentiles(path, f)
		case "preferred_max_latency":
			r.MaxLatency, err = percentiles(path, f)
		case "max_price":
			r.MaxPrice, err = maxPrice(path, f)
		case "byok":
			r.BYOK, err = OneOf(path, f, []string{"prefer", "allow", "require", "never"})
		case "options":
			req.Ignored = append(req.Ignored, llm.Loss{Path: path, Why: "options for one provider are not passed on in this version"})
		default:
			req.Ignored = append(req.Ignored, llm.Loss{Path: path, Why: "routing knows no such preference"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Route reads the older name of provider.sort.partition (reference §3.1).
func Route(req *llm.Request, v rawjson.Node) error {
	how, err := OneOf("route", v, []string{"fallback", "sort"})
	req.Routing.SortAcrossModels = req.Routing.SortAcrossModels || how == "sort"
	return err
}

var sorts = []string{"price", "throughput", "latency", "exacto"}

func sortBy(r *llm.Routing, v rawjson.Node) (err error) {
	if v.Kind() != rawjson.Object {
		r.Sort, err = OneOf("provider.sort", v, sorts)
		return err
	}
	if by := v.Get("by"); !by.IsNull() {
		if r.Sort, err = OneOf("provider.sort.by", by, sorts); err != nil {
			return err
		}
	}
	if p := v.Get("partition"); !p.IsNull() {
		how, err := OneOf("provider.sort.partition", p, []string{"model", "none"})
		r.SortAcrossModels = how == "none"
		return err
	}
	return nil
}

func percentiles(path string, v rawjson.Node) (p llm.Percentiles, err error) {
	if v.Kind() == rawjson.Number {
		p.P50, _ = v.Float()
		return p, Number(path, v, 0, 1e9)
	}
	if err := Want(path, v, rawjson.Object); err != nil {
		return p, err
	}
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		if err := Number(path+"."+k.Str(), f, 0, 1e9); err != nil {
			return p, err
		}
		n, _ := f.Float()
		switch k.Str() {
		case "p50":
			p.P50 = n
		case "p75":
			p.P75 = n
		case "p90":
			p.P90 = n
		case "p99":
			p.P99 = n
		default:
			return p, fault.Bad(path, fmt.Sprintf("%s has an unknown percentile %q; use p50, p75, p90 or p99", path, k.Str()))
		}
	}
	return p, nil
}

// maxPrice keeps the decimals as written: documents show numbers, the schema strings.
func maxPrice(path string, v rawjson.Node) (map[string]string, error) {
	if err := Want(path, v, rawjson.Object); err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for k, f := range v.Members() {
		switch f.Kind() {
		case rawjson.Null:
		case rawjson.Number:
			out[k.Str()] = string(f.Raw())
		case rawjson.String:
			out[k.Str()] = f.Str()
		default:
			return nil, Bad(path+"."+k.Str(), f, "a number or a decimal string")
		}
	}
	return out, nil
}

// Reasoning reads the unified reasoning object (reference §4.7).
func Reasoning(v rawjson.Node) (r *llm.Reasoning, err error) {
	if err := Want("reasoning", v, rawjson.Object); err != nil {
		return nil, err
	}
	r = new(llm.Reasoning)
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		switch k.Str() {
		case "effort":
			r.Effort, err = OneOf("reasoning.effort", f, Efforts)
		case "max_tokens":
			r.MaxTokens, err = Whole("reasoning.max_tokens", f, 0, 1<<31)
		case "exclude":
			r.Exclude, err = Bool("reasoning.exclude", f)
		case "enabled":
			var on bool
			on, err = Bool("reasoning.enabled", f)
			r.Enabled = &on
		case "summary":
			r.Summary, err = Str("reasoning.summary", f, 32)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.Effort != "" && r.MaxTokens > 0 {
		return nil, fault.Bad("reasoning", "reasoning has both effort and max_tokens; send one of them")
	}
	return r, nil
}

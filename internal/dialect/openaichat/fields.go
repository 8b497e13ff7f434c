package openaichat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// bad says what a field should have been and what it is.
func bad(path string, v rawjson.Node, should string) error {
	is := article(v.Kind())
	if raw := v.Raw(); (v.Kind() == rawjson.Number || v.Kind() == rawjson.String) && len(raw) <= 40 {
		is = string(raw)
	}
	return fault.Bad(path, fmt.Sprintf("%s must be %s, not %s", path, should, is))
}

func article(k rawjson.Kind) string {
	switch k {
	case rawjson.Absent:
		return "missing"
	case rawjson.Null:
		return "null"
	case rawjson.Array, rawjson.Object:
		return "an " + k.String()
	}
	return "a " + k.String()
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func truncate(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

func want(path string, v rawjson.Node, k rawjson.Kind) error {
	if v.Kind() != k {
		return bad(path, v, article(k))
	}
	return nil
}

func boolean(path string, v rawjson.Node) (bool, error) {
	return v.Bool(), want(path, v, rawjson.Bool)
}

func str(path string, v rawjson.Node, max int) (string, error) {
	if err := want(path, v, rawjson.String); err != nil {
		return "", err
	}
	s := v.Str()
	if len(s) > max {
		e := fault.Bad(path, fmt.Sprintf("%s is longer than %d bytes", path, max))
		e.Type = "string_too_long"
		return "", e
	}
	return s, nil
}

func strs(path string, v rawjson.Node, count, max int) ([]string, error) {
	if err := want(path, v, rawjson.Array); err != nil {
		return nil, err
	}
	var out []string
	for e := range v.Elems() {
		s, err := str(fmt.Sprintf("%s[%d]", path, len(out)), e, max)
		if err != nil {
			return nil, err
		}
		if out = append(out, s); len(out) > count {
			return nil, fault.Bad(path, fmt.Sprintf("%s has more than %d entries", path, count))
		}
	}
	return out, nil
}

func oneOf(path string, v rawjson.Node, allowed []string) (string, error) {
	s := v.Str()
	if v.Kind() != rawjson.String || !slices.Contains(allowed, s) {
		return "", bad(path, v, "one of "+strings.Join(allowed, ", "))
	}
	return s, nil
}

func whole(path string, v rawjson.Node, lo, hi int64) (int64, error) {
	n, ok := v.Int()
	if !ok || n < lo || n > hi {
		return 0, bad(path, v, fmt.Sprintf("a whole number from %d to %d", lo, hi))
	}
	return n, nil
}

func number(path string, v rawjson.Node, lo, hi float64) error {
	f, ok := v.Float()
	if !ok || f < lo || f > hi {
		return bad(path, v, fmt.Sprintf("a number from %g to %g", lo, hi))
	}
	return nil
}

func stop(path string, v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		return nil
	case rawjson.Array:
		_, err := strs(path, v, 4, 1<<16)
		return err
	}
	return bad(path, v, "a string or an array of up to 4 strings")
}

func logitBias(path string, v rawjson.Node) error {
	if err := want(path, v, rawjson.Object); err != nil {
		return err
	}
	for k, b := range v.Members() {
		if err := number(path+"."+k.Str(), b, -100, 100); err != nil {
			return err
		}
	}
	return nil
}

func metadata(v rawjson.Node) error {
	if v.Len() > 16 {
		return fault.Bad("metadata", "metadata has more than 16 entries")
	}
	for k, val := range v.Members() {
		if k.StrLen() > 64 {
			return fault.Bad("metadata", "metadata has a key longer than 64 bytes")
		}
		if _, err := str("metadata."+k.Str(), val, 512); err != nil {
			return err
		}
	}
	return nil
}

func toolChoice(v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		_, err := oneOf("tool_choice", v, []string{"none", "auto", "required", "any"})
		return err
	case rawjson.Object:
		if v.Get("type").Is("function") && v.Get("function").Get("name").Kind() != rawjson.String {
			return bad("tool_choice.function.name", v.Get("function").Get("name"), "a string")
		}
		return nil
	}
	return bad("tool_choice", v, "none, auto, required or an object")
}

func reasoning(v rawjson.Node) (r *llm.Reasoning, err error) {
	if err := want("reasoning", v, rawjson.Object); err != nil {
		return nil, err
	}
	r = new(llm.Reasoning)
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		switch k.Str() {
		case "effort":
			r.Effort, err = oneOf("reasoning.effort", f, efforts)
		case "max_tokens":
			r.MaxTokens, err = whole("reasoning.max_tokens", f, 0, 1<<31)
		case "exclude":
			r.Exclude, err = boolean("reasoning.exclude", f)
		case "enabled":
			var on bool
			on, err = boolean("reasoning.enabled", f)
			r.Enabled = &on
		case "summary":
			r.Summary, err = str("reasoning.summary", f, 32)
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

// routing reads the provider object (reference §4.2).
func routing(r *llm.Routing, v rawjson.Node) (err error) {
	if err := want("provider", v, rawjson.Object); err != nil {
		return err
	}
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		name := k.Str()
		path := "provider." + name
		var on bool
		switch name {
		case "order":
			r.Order, err = strs(path, f, 256, 128)
		case "only":
			r.Only, err = strs(path, f, 256, 128)
		case "ignore":
			r.Ignore, err = strs(path, f, 256, 128)
		case "quantizations":
			r.Quantizations, err = strs(path, f, 32, 16)
		case "allow_fallbacks":
			on, err = boolean(path, f)
			r.NoFallbacks = !on
		case "require_parameters":
			r.RequireParameters, err = boolean(path, f)
		case "data_collection":
			var s string
			s, err = oneOf(path, f, []string{"allow", "deny"})
			r.DenyDataCollection = s == "deny"
		case "zdr":
			r.ZDR, err = boolean(path, f)
		case "enforce_distillable_text":
			r.DistillableOnly, err = boolean(path, f)
		case "sort":
			err = sortBy(r, f)
		case "preferred_min_throughput":
			r.MinThroughput, err = percentiles(path, f)
		case "preferred_max_latency":
			r.MaxLatency, err = percentiles(path, f)
		case "max_price":
			r.MaxPrice, err = maxPrice(path, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var sorts = []string{"price", "throughput", "latency", "exacto"}

func sortBy(r *llm.Routing, v rawjson.Node) (err error) {
	if v.Kind() != rawjson.Object {
		r.Sort, err = oneOf("provider.sort", v, sorts)
		return err
	}
	if by := v.Get("by"); !by.IsNull() {
		if r.Sort, err = oneOf("provider.sort.by", by, sorts); err != nil {
			return err
		}
	}
	if p := v.Get("partition"); !p.IsNull() {
		how, err := oneOf("provider.sort.partition", p, []string{"model", "none"})
		r.SortAcrossModels = how == "none"
		return err
	}
	return nil
}

func percentiles(path string, v rawjson.Node) (p llm.Percentiles, err error) {
	if v.Kind() == rawjson.Number {
		p.P50, _ = v.Float()
		return p, number(path, v, 0, 1e9)
	}
	if err := want(path, v, rawjson.Object); err != nil {
		return p, err
	}
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		if err := number(path+"."+k.Str(), f, 0, 1e9); err != nil {
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
	if err := want(path, v, rawjson.Object); err != nil {
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
			return nil, bad(path+"."+k.Str(), f, "a number or a decimal string")
		}
	}
	return out, nil
}

package scim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxResults bounds a page.
const maxResults = 200

// Query is what a request asks to see (RFC 7644 §3.4.2, §3.9).
type Query struct {
	Filter *Filter // nil: all
	start  int     // from 1
	count  int
	only   []Path // attributes to show; nil all
	not    []Path // attributes not to show
}

// ParseQuery reads the parameters of a URL. Numbers out of range mean the nearest that is in
// it; there is no order but the one of creation.
func ParseQuery(v url.Values) (q Query, err error) {
	if s := v.Get("filter"); s != "" {
		if q.Filter, err = ParseFilter(s); err != nil {
			return q, err
		}
	}
	if q.start, err = whole(v, "startIndex", 1, 1, math.MaxInt32); err != nil {
		return q, err
	}
	if q.count, err = whole(v, "count", 100, 0, maxResults); err != nil {
		return q, err
	}
	if q.only, err = names(v.Get("attributes")); err != nil {
		return q, err
	}
	q.not, err = names(v.Get("excludedAttributes"))
	return q, err
}

func whole(v url.Values, name string, missing, least, most int) (int, error) {
	s := v.Get(name)
	if s == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, Bad(InvalidValue, name+" must be a whole number")
	}
	return int(min(max(n, int64(least)), int64(most))), nil
}

func names(s string) (out []Path, err error) {
	if s == "" {
		return nil, nil
	}
	for name := range strings.SplitSeq(s, ",") {
		path, ok := split(strings.TrimSpace(name))
		if !ok {
			return nil, Bad(InvalidValue, "attributes and excludedAttributes must be names of attributes with commas between them")
		}
		out = append(out, path)
	}
	return out, nil
}

// Page is the part of all that meet the filter that is asked for.
func (q Query) Page(all []Resource) any {
	kept := all
	if q.Filter != nil {
		kept = nil
		for _, r := range all {
			if q.Filter.Match(r) {
				kept = append(kept, r)
			}
		}
	}
	from := min(q.start-1, len(kept))
	page := []Resource{}
	for _, r := range kept[from:min(from+q.count, len(kept))] {
		page = append(page, q.Show(r))
	}
	return struct {
		Schemas   []string   `json:"schemas"`
		Total     int        `json:"totalResults"`
		Start     int        `json:"startIndex"`
		Count     int        `json:"itemsPerPage"`
		Resources []Resource `json:"Resources"`
	}{[]string{listSchema}, len(kept), q.start, len(page), page}
}

// Show is a resource with its version and with the attributes that are asked for. It may
// share memory with r.
func (q Query) Show(r Resource) Resource {
	out := Resource{}
	for name, v := range r {
		if name == "id" || name == "schemas" { // always returned
			out[name] = v
		} else if v, shown := q.part(name, v); shown {
			out[name] = v
		}
	}
	if meta := object(out["meta"]); meta != nil {
		out["meta"] = with(meta, "version", Version(r))
	}
	return out
}

func with(r Resource, name string, v any) Resource {
	out := Resource{name: v}
	for k, v := range r {
		out[k] = v
	}
	return out
}

// part is what is shown of one attribute.
func (q Query) part(name string, v any) (any, bool) {
	for _, p := range q.not {
		if strings.EqualFold(p.Name, name) {
			if p.Sub == "" {
				return nil, false
			}
			v = each(v, func(sub string) bool { return !strings.EqualFold(sub, p.Sub) })
		}
	}
	if q.only == nil {
		return v, true
	}
	var subs []string
	for _, p := range q.only {
		if strings.EqualFold(p.Name, name) {
			if p.Sub == "" {
				return v, true
			}
			subs = append(subs, p.Sub)
		}
	}
	if subs == nil {
		return nil, false
	}
	return each(v, func(sub string) bool {
		return slices.ContainsFunc(subs, func(s string) bool { return strings.EqualFold(s, sub) })
	}), true
}

// each is an object, or a list of them, with the members that are kept.
func each(v any, keep func(sub string) bool) any {
	if l, ok := v.([]any); ok {
		out := make([]any, len(l))
		for i := range l {
			out[i] = each(l[i], keep)
		}
		return out
	}
	o := object(v)
	if o == nil {
		return v
	}
	out := Resource{}
	for name, v := range o {
		if keep(name) {
			out[name] = v
		}
	}
	return out
}

// Version is the entity tag of a resource (RFC 7644 §3.14): the same for the same content.
func Version(r Resource) string {
	raw, err := json.Marshal(r)
	if err != nil {
		return `W/""` // it holds what JSON can hold
	}
	sum := sha256.Sum256(raw)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// Matches reports whether a header such as If-Match names the version.
func Matches(header, version string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(version, "W/") {
			return true
		}
	}
	return false
}

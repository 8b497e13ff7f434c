package scim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// maxOperations bounds a patch. Entra sends up to some hundred changes of members at once.
const maxOperations = 1000

// Patch is a list of changes of a resource (RFC 7644 §3.5.2).
type Patch []change

type change struct {
	op      string // add replace remove
	path    Path
	pathed  bool // a path is given
	value   any
	without bool // no value is given
}

// ParsePatch reads the body of a PATCH. Names of operations are the same in any case: Entra
// writes them with a capital.
func ParsePatch(raw []byte) (Patch, error) {
	var body struct {
		Schemas    []string `json:"schemas"`
		Operations []struct {
			Op    string          `json:"op"`
			Path  *string         `json:"path"`
			Value json.RawMessage `json:"value"`
		}
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, Bad(InvalidSyntax, "The body must be a JSON object with schemas and Operations")
	}
	if !slices.ContainsFunc(body.Schemas, func(s string) bool { return strings.EqualFold(s, patchSchema) }) {
		return nil, Bad(InvalidSyntax, "schemas must have "+patchSchema)
	}
	if n := len(body.Operations); n == 0 || n > maxOperations {
		return nil, Bad(InvalidSyntax, "Operations must be a list of 1 to 1000 operations")
	}
	patch := make(Patch, len(body.Operations))
	for i, o := range body.Operations {
		c := change{op: strings.ToLower(o.Op), without: len(o.Value) == 0}
		if c.op != "add" && c.op != "replace" && c.op != "remove" {
			return nil, Bad(InvalidSyntax, "op must be add, replace or remove")
		}
		if !c.without {
			if err := json.Unmarshal(o.Value, &c.value); err != nil {
				return nil, Bad(InvalidSyntax, "value cannot be read")
			}
		} else if c.op != "remove" {
			return nil, Bad(InvalidValue, c.op+" needs a value")
		}
		if o.Path != nil && *o.Path != "" {
			var err error
			if c.path, err = ParsePath(*o.Path); err != nil {
				return nil, err
			}
			c.pathed = true
		}
		patch[i] = c
	}
	return patch, nil
}

// Apply makes the changes, in order. After an error the resource is of no use.
func (p Patch) Apply(r Resource) error {
	for _, c := range p {
		if err := c.apply(r); err != nil {
			return err
		}
	}
	return nil
}

func (c change) apply(r Resource) error {
	if !c.pathed {
		return c.pathless(r)
	}
	if c.path.Schema == "" && fixed(c.path.Name) {
		return Bad(Mutability, clean(c.path.Name)+" cannot be changed")
	}
	if c.op == "remove" {
		c.remove(r)
		return nil
	}
	return c.set(r, c.path, c.value)
}

// pathless takes the attributes of an object one by one. Their names may be paths: Entra
// writes {"name.givenName": "Ann"}. Okta sends the id along, which stays as it is.
func (c change) pathless(r Resource) error {
	if c.op == "remove" {
		return Bad(NoTarget, "remove needs a path")
	}
	members := object(c.value)
	if members == nil {
		return Bad(InvalidValue, "The value of an operation without a path must be an object")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		path, err := ParsePath(name)
		if err != nil {
			return err
		}
		if path.Schema == "" && fixed(path.Name) {
			continue
		}
		if err := c.set(r, path, members[name]); err != nil {
			return err
		}
	}
	return nil
}

// set adds or replaces what the path names.
func (c change) set(r Resource, path Path, value any) error {
	if path.Schema != "" {
		key, v := r.get(path.Schema)
		if object(v) == nil {
			v = Resource{}
			r[key] = v
		}
		r = object(v)
	}
	key, old := r.get(path.Name)
	switch {
	case path.Where != nil:
		return c.setWhere(r, key, path, value)
	case path.Sub != "":
		c.setSub(r, key, path.Sub, value)
	case multi(key):
		r[key] = c.joined(old, value)
	case object(old) != nil && object(value) != nil:
		merge(object(old), object(value))
	case value == nil:
		delete(r, key)
	default:
		r[key] = value
	}
	return nil
}

// setWhere changes the values that the filter keeps. Where there is none and the filter says
// what it would be, one is made: Entra replaces addresses that were never there.
func (c change) setWhere(r Resource, key string, path Path, value any) error {
	values, found := slices.Clone(list(r[key])), false
	for i, v := range values {
		o := object(v)
		if o == nil || !path.Where.Match(o) {
			continue
		}
		found = true
		if err := place(o, path.Sub, value); err != nil {
			return err
		}
		values[i] = o
	}
	if !found {
		o := path.Where.template()
		if o == nil {
			return Bad(NoTarget, "Nothing meets the filter of the path")
		}
		if err := place(o, path.Sub, value); err != nil {
			return err
		}
		values = append(values, o)
	}
	r[key] = values
	return nil
}

// place puts a value into one of several values.
func place(o Resource, sub string, value any) error {
	if sub != "" {
		key, _ := o.get(sub)
		o[key] = value
		return nil
	}
	members := object(value)
	if members == nil {
		return Bad(InvalidValue, "The value of a path that ends with a filter must be an object")
	}
	merge(o, members)
	return nil
}

func (c change) setSub(r Resource, key, sub string, value any) {
	values := list(r[key])
	if len(values) == 0 {
		r[key] = Resource{sub: value}
		if multi(key) {
			r[key] = []any{r[key]}
		}
		return
	}
	for _, v := range values {
		if o := object(v); o != nil {
			at, _ := o.get(sub)
			o[at] = value
		}
	}
}

// joined is several values with those of the change: added to them where they are not there
// yet, or in their place. A new primary value is the only one.
func (c change) joined(old, value any) []any {
	fresh := list(value)
	if c.op == "replace" {
		return fresh
	}
	kept, seen := slices.Clone(list(old)), map[any]bool{}
	for _, v := range kept {
		seen[identity(v)] = true
	}
	for _, v := range fresh {
		if name := identity(v); name == nil || !seen[name] {
			seen[name] = true
			if primary(v) {
				for _, other := range kept {
					if o := object(other); o != nil && primary(o) {
						key, _ := o.get("primary")
						o[key] = false
					}
				}
			}
			kept = append(kept, v)
		}
	}
	return kept
}

func primary(v any) bool {
	_, p := object(v).get("primary")
	is, _ := truth(p)
	return is
}

// identity is what tells a value from others; nil for one that has nothing of the kind.
func identity(v any) any {
	if o := object(v); o != nil {
		_, v = o.get("value")
	}
	if s, ok := v.(string); ok {
		return s
	}
	return nil
}

func merge(into, from Resource) {
	for name, v := range from {
		key, _ := into.get(name)
		into[key] = v
	}
}

// remove takes away what the path names; what is not there is gone already. Entra names
// members to remove in the value.
func (c change) remove(r Resource) {
	in := c.path.in(r)
	if in == nil {
		return
	}
	key, old := in.get(c.path.Name)
	if old == nil {
		return
	}
	if c.path.Where == nil && c.path.Sub == "" && c.value != nil && multi(key) {
		gone := map[any]bool{}
		for _, v := range list(c.value) {
			gone[identity(v)] = true
		}
		in[key] = slices.DeleteFunc(slices.Clone(list(old)), func(v any) bool { return identity(v) != nil && gone[identity(v)] })
		return
	}
	if c.path.Where == nil && c.path.Sub == "" {
		delete(in, key)
		return
	}
	in[key] = slices.DeleteFunc(slices.Clone(list(old)), func(v any) bool {
		o := object(v)
		if o == nil || c.path.Where != nil && !c.path.Where.Match(o) {
			return false
		}
		if c.path.Sub == "" {
			return true
		}
		at, _ := o.get(c.path.Sub)
		delete(o, at)
		return false
	})
	if !multi(key) && len(list(in[key])) == 1 {
		in[key] = list(in[key])[0]
	}
}

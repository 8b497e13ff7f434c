package scim

import "strings"

// Path names a part of a resource (RFC 7644 §3.5.2): an attribute, those of its values that a
// filter keeps, a sub-attribute of it.
type Path struct {
	Schema string // of an extension, "" the resource's own
	Name   string
	Where  *Filter // nil: every value
	Sub    string  // "" the whole
}

// ParsePath reads the path of a patch.
func ParsePath(s string) (Path, error) {
	p := parser{in: s}
	path, err := p.path()
	if err == nil && p.more() {
		err = p.wrong("nothing more")
	}
	if err != nil {
		return Path{}, Bad(InvalidPath, "The path cannot be read: "+err.Error())
	}
	return path, nil
}

// split makes a path of a name as it is written: with the schema before it and a
// sub-attribute behind it. An extension's schema alone names all of it.
func split(s string) (path Path, ok bool) {
	if len(s) > 4 && strings.EqualFold(s[:4], "urn:") {
		if strings.EqualFold(s, EnterpriseSchema) {
			return Path{Name: EnterpriseSchema}, true
		}
		i := strings.LastIndexByte(s, ':')
		if path.Schema, s = s[:i], s[i+1:]; strings.EqualFold(path.Schema, UserSchema) || strings.EqualFold(path.Schema, GroupSchema) {
			path.Schema = ""
		}
	}
	path.Name, path.Sub, _ = strings.Cut(s, ".")
	return path, attribute(path.Name) && (path.Sub == "" || attribute(path.Sub)) && !strings.HasSuffix(s, ".")
}

// attribute reports whether a name can be an attribute's (RFC 7643 §2.1; $ref begins with a
// dollar).
func attribute(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '$' && i == 0
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return true
}

// in is the object that has the path's attribute; nil when there is none.
func (p Path) in(r Resource) Resource {
	if p.Schema == "" {
		return r
	}
	_, v := r.get(p.Schema)
	return object(v)
}

// values are what the path names, one by one. A value that is an object stands for its member
// "value" when something is compared with it.
func (p Path) values(r Resource) (out []any) {
	_, v := p.in(r).get(p.Name)
	for _, v := range list(v) {
		o := object(v)
		if p.Where != nil && (o == nil || !p.Where.Match(o)) {
			continue
		}
		sub := p.Sub
		if o == nil || sub == "" && p.Where != nil {
			out = append(out, v)
			continue
		}
		if sub == "" {
			sub = "value"
		}
		if _, v := o.get(sub); v != nil {
			out = append(out, list(v)...)
		}
	}
	return out
}

package scim

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText bounds the texts of a resource, in characters.
const maxText = 256

// Meta is what a server says of a resource (RFC 7643 §3.1).
type Meta struct {
	Type     string // User or Group
	Created  time.Time
	Modified time.Time
	Location string // URL
}

func (m Meta) resource() Resource {
	return Resource{"resourceType": m.Type, "created": stamp(m.Created), "lastModified": stamp(m.Modified), "location": m.Location}
}

// stamp is a time as SCIM writes it; texts of it are in the order of the times.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Ref points from one resource to another.
type Ref struct {
	Value   string `json:"value"` // id
	Display string `json:"display"`
}

func refs(list []Ref) []any {
	out := make([]any, len(list))
	for i, r := range list {
		out[i] = Resource{"value": r.Value, "display": r.Display}
	}
	return out
}

// User is what we know and take of a user. Other attributes are accepted and not kept.
type User struct {
	ID       string
	External string // what the identity provider calls the user
	Name     string // userName
	Given    string
	Family   string
	Display  string
	Email    string // the primary one; "" none
	Active   bool
	Role     string // the primary one; "" none
	Groups   []Ref
	Meta     Meta
}

// Resource is the user as SCIM shows it.
func (u *User) Resource() Resource {
	r := Resource{
		"schemas": []any{UserSchema}, "id": u.ID, "userName": u.Name, "active": u.Active,
		"emails": []any{Resource{"value": u.Email, "type": "work", "primary": true}},
		"roles":  []any{Resource{"value": u.Role, "primary": true}},
		"groups": refs(u.Groups), "meta": u.Meta.resource(),
	}
	name := Resource{}
	for key, v := range map[string]string{"givenName": u.Given, "familyName": u.Family, "formatted": strings.TrimSpace(u.Given + " " + u.Family)} {
		if v != "" {
			name[key] = v
		}
	}
	if len(name) > 0 {
		r["name"] = name
	}
	if u.External != "" {
		r["externalId"] = u.External
	}
	if u.Display != "" {
		r["displayName"] = u.Display
	}
	return r
}

// ReadUser takes a user from a resource that a client sent or patched. ID, groups and meta
// are not read. A user without active is one who is.
func ReadUser(r Resource) (User, error) {
	rd := reader{r: r}
	u := User{
		External: rd.text("externalId"), Name: rd.text("userName"), Display: rd.text("displayName"),
		Email: rd.primary("emails"), Role: rd.primary("roles"), Active: rd.flag("active", true),
	}
	if _, v := r.get("name"); v != nil {
		name := reader{r: object(v)}
		u.Given, u.Family = name.text("givenName"), name.text("familyName")
		if name.r == nil {
			rd.fail("name must be an object")
		} else if name.err != nil {
			rd.err = name.err
		}
	}
	if strings.TrimSpace(u.Name) == "" {
		rd.fail("userName must be given")
	}
	return u, rd.err
}

// Parse reads a resource from the body of a request.
func Parse(raw []byte) (Resource, error) {
	var r Resource
	if err := json.Unmarshal(raw, &r); err != nil || r == nil {
		return nil, Bad(InvalidSyntax, "The body must be a JSON object")
	}
	return r, nil
}

// reader reads attributes; the first that is wrong is its error.
type reader struct {
	r   Resource
	err error
}

func (rd *reader) fail(says string) {
	if rd.err == nil {
		rd.err = Bad(InvalidValue, says)
	}
}

// text is a text; "" for none.
func (rd *reader) text(name string) string {
	_, v := rd.r.get(name)
	s, ok := v.(string)
	if v != nil && !ok {
		rd.fail(name + " must be a text")
	}
	if utf8.RuneCountInString(s) > maxText {
		rd.fail(name + " must have at most 256 characters")
	}
	return s
}

func (rd *reader) flag(name string, missing bool) bool {
	_, v := rd.r.get(name)
	if v == nil {
		return missing
	}
	is, ok := truth(v)
	if !ok {
		rd.fail(name + " must be true or false")
	}
	return is
}

// primary is the value of the one marked primary, else of the first one for work, else of the
// first.
func (rd *reader) primary(name string) string {
	_, v := rd.r.get(name)
	best, rank := "", 0
	for _, v := range list(v) {
		one := reader{r: object(v)}
		if s, ok := v.(string); ok {
			one.r = Resource{"value": s}
		}
		if one.r == nil {
			rd.fail(name + " must be a list of objects with a value")
			break
		}
		value, kind := one.text("value"), one.text("type")
		if one.err != nil {
			rd.fail(name + ": " + one.err.Error())
			break
		}
		now := 1
		if primary(one.r) {
			now = 3
		} else if strings.EqualFold(kind, "work") {
			now = 2
		}
		if value != "" && now > rank {
			best, rank = value, now
		}
	}
	return best
}

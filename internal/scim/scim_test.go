package scim

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func ann() Resource {
	u := User{ID: "1", External: "x-1", Name: "Ann@Example.com", Given: "Ann", Family: "Lee", Display: "Ann L", Email: "ann@example.com", Active: true, Role: "developer",
		Groups: []Ref{{Value: "g1", Display: "Eng"}}, Meta: Meta{Type: "User", Created: noon, Modified: noon, Location: "https://h/scim/v2/Users/1"}}
	return decoded(u.Resource())
}

// decoded is a resource as it looks after a way over the wire.
func decoded(r Resource) Resource {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	out, err := Parse(raw)
	if err != nil {
		panic(err)
	}
	return out
}

func TestFilters(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]bool{
		`userName eq "ann@example.com"`: true, // the same in any case
		`USERNAME Eq "ANN@example.com"`: true,
		`userName eq "bob"`:             false,
		`userName ne "bob"`:             true,
		`externalId eq "x-1"`:           true,
		`externalId eq "X-1"`:           false,
		`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ann"`:         true,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:depart pr`: false,
		`name.familyName co "e"`:            true,
		`name.familyName ew "x"`:            false,
		`active eq true`:                    true,
		`active eq "False"`:                 false,
		`active eq "True"`:                  true,
		`title pr`:                          false,
		`title eq null`:                     true,
		`emails pr`:                         true,
		`emails eq "ann@example.com"`:       true,
		`emails.value eq "ann@example.com"`: true,
		`emails[type eq "work"]`:            true,
		`emails[type eq "home"]`:            false,
		`emails[type eq "work"].value eq "ann@example.com"`:              true, // Entra
		`emails[type eq "work" and value co "@example.com"]`:             true,
		`not (userName eq "bob") and active eq true`:                     true,
		`userName eq "bob" or externalId eq "x-1" and active eq true`:    true,
		`(userName eq "bob" or externalId eq "x-1") and active eq false`: false,
		`meta.created ge "2026-03-04T12:00:00.000Z"`:                     true,
		`meta.lastModified lt "2026-03-04T12:00:00.000Z"`:                false,
		`groups.value eq "g1"`:                                           true,
		`userName eq "a\"b"`:                                             false,
	} {
		f, err := ParseFilter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if f.Match(ann()) != want {
			t.Errorf("%s is not %v", filter, want)
		}
	}
}

func TestWrongFilters(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{
		" ", "userName", "userName eq", `userName is "x"`, `userName eq "x`, `userName eq x`, `userName eq "x" and`, `(userName pr`, `userName pr)`, `emails[type eq "work"`,
		`emails[type eq "work"].`, `1 eq 1`, `userName eq [1]`, `userName eq {"a":1}`, `a.b.c pr`, `userName. pr`, strings.Repeat("(", 100) + "a pr" + strings.Repeat(")", 100), `a eq "` + strings.Repeat("x", maxFilter) + `"`,
	} {
		_, err := ParseFilter(filter)
		if e, ok := errors.AsType[*Error](err); !ok || e.Type != InvalidFilter || e.Status != 400 {
			t.Errorf("%.50s: %v", filter, err)
		}
	}
}

// Patches in the forms of RFC 7644 §3.5.2, of Okta and of Entra.
func TestPatchOfUser(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ops  string
		want func(*User)
	}{
		"deactivate, Okta":                     {`[{"op":"replace","value":{"active":false}}]`, func(u *User) { u.Active = false }},
		"deactivate, Entra":                    {`[{"op":"Replace","path":"active","value":"False"}]`, func(u *User) { u.Active = false }},
		"deactivate and back":                  {`[{"op":"Replace","path":"active","value":false},{"op":"Add","path":"active","value":"True"}]`, func(*User) {}},
		"sub-attribute":                        {`[{"op":"Replace","path":"name.familyName","value":"Ray"}]`, func(u *User) { u.Family = "Ray" }},
		"object":                               {`[{"op":"add","path":"name","value":{"givenName":"Anna"}}]`, func(u *User) { u.Given = "Anna" }},
		"object replaced":                      {`[{"op":"replace","path":"name","value":{"givenName":"Anna"}}]`, func(u *User) { u.Given = "Anna" }},
		"names that are paths, Entra":          {`[{"op":"Add","value":{"name.givenName":"Anna","displayName":"A"}}]`, func(u *User) { u.Given, u.Display = "Anna", "A" }},
		"schema before the name":               {`[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:displayName","value":"A"}]`, func(u *User) { u.Display = "A" }},
		"another case":                         {`[{"op":"replace","path":"DISPLAYNAME","value":"A"}]`, func(u *User) { u.Display = "A" }},
		"extension":                            {`[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R"},{"op":"Replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"x"}}}]`, func(*User) {}},
		"address by filter, Entra":             {`[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@x.test"}]`, func(u *User) { u.Email = "a@x.test" }},
		"address by filter that was not there": {`[{"op":"Replace","path":"emails[type eq \"home\"].value","value":"h@x.test"}]`, func(*User) {}},
		"addresses removed and made":           {`[{"op":"remove","path":"emails"},{"op":"Add","path":"emails[type eq \"work\"].value","value":"b@x.test"}]`, func(u *User) { u.Email = "b@x.test" }},
		"addresses replaced":                   {`[{"op":"replace","path":"emails","value":[{"value":"o@x.test"},{"value":"p@x.test","primary":true}]}]`, func(u *User) { u.Email = "p@x.test" }},
		"a new primary address":                {`[{"op":"add","path":"emails","value":[{"value":"p@x.test","primary":true}]}]`, func(u *User) { u.Email = "p@x.test" }},
		"the same address again":               {`[{"op":"add","path":"emails","value":{"value":"ann@example.com","primary":true}}]`, func(*User) {}},
		"whole value by filter":                {`[{"op":"replace","path":"emails[value eq \"ann@example.com\"]","value":{"value":"q@x.test"}}]`, func(u *User) { u.Email = "q@x.test" }},
		"sub-attribute of every value":         {`[{"op":"replace","path":"emails.value","value":"r@x.test"}]`, func(u *User) { u.Email = "r@x.test" }},
		"value by filter removed":              {`[{"op":"remove","path":"emails[type eq \"work\"]"}]`, func(u *User) { u.Email = "" }},
		"role by filter, Entra":                {`[{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"admin"}]`, func(u *User) { u.Role = "admin" }},
		"attribute removed":                    {`[{"op":"remove","path":"displayName"},{"op":"Remove","path":"name.givenName"},{"op":"remove","path":"title"}]`, func(u *User) { u.Display, u.Given = "", "" }},
		"null":                                 {`[{"op":"replace","path":"displayName","value":null}]`, func(u *User) { u.Display = "" }},
		"userName":                             {`[{"op":"Replace","path":"userName","value":"zoe@x.test"}]`, func(u *User) { u.Name = "zoe@x.test" }},
		"id along, Okta":                       {`[{"op":"replace","value":{"id":"1","active":false}}]`, func(u *User) { u.Active = false }},
	} {
		want, err := ReadUser(ann())
		if err != nil {
			t.Fatal(err)
		}
		tc.want(&want)
		r := ann()
		p, err := ParsePatch([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":` + tc.ops + `}`))
		if err == nil {
			err = p.Apply(r)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := ReadUser(r); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v (%v)", name, got, want, err)
		}
	}
}

func TestPatchOfGroup(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ ops, members string }{
		"add":                     {`[{"op":"Add","path":"members","value":[{"$ref":null,"value":"c"}]}]`, "a b c"},
		"add one that is there":   {`[{"op":"add","path":"members","value":[{"value":"a"},{"value":"c"},{"value":"c"}]}]`, "a b c"},
		"add without path":        {`[{"op":"add","value":{"members":[{"value":"c"}]}}]`, "a b c"},
		"remove by filter":        {`[{"op":"remove","path":"members[value eq \"a\"]"}]`, "b"},
		"remove by value, Entra":  {`[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"a"}]}]`, "b"},
		"remove who is not there": {`[{"op":"remove","path":"members[value eq \"z\"]"}]`, "a b"},
		"remove all":              {`[{"op":"remove","path":"members"}]`, ""},
		"replace, Okta":           {`[{"op":"replace","path":"members","value":[{"value":"x"}]}]`, "x"},
		"replace with none":       {`[{"op":"replace","path":"members","value":[]}]`, ""},
		"add to none":             {`[{"op":"remove","path":"members"},{"op":"add","path":"members","value":{"value":"y"}}]`, "y"},
		"rename, Okta":            {`[{"op":"replace","value":{"id":"g","displayName":"n"}}]`, "a b"},
	} {
		g := Group{ID: "g", Display: "Eng", Members: []Ref{{Value: "a"}, {Value: "b"}}}
		r := decoded(g.Resource())
		p, err := ParsePatch([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":` + tc.ops + `}`))
		if err == nil {
			err = p.Apply(r)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := ReadGroup(r)
		var ids []string
		for _, m := range got.Members {
			ids = append(ids, m.Value)
		}
		if err != nil || strings.Join(ids, " ") != tc.members {
			t.Errorf("%s: %v, want %s (%v)", name, ids, tc.members, err)
		}
	}
}

func TestWrongPatches(t *testing.T) {
	t.Parallel()
	for ops, scimType := range map[string]string{
		`[]`:                                         InvalidSyntax,
		`[{"op":"move","path":"a","value":1}]`:       InvalidSyntax,
		`[{"op":"add","path":"active"}]`:             InvalidValue,
		`[{"op":"remove"}]`:                          NoTarget,
		`[{"op":"replace","value":"x"}]`:             InvalidValue,
		`[{"op":"replace","path":"a b","value":1}]`:  InvalidPath,
		`[{"op":"replace","path":"a[","value":1}]`:   InvalidPath,
		`[{"op":"replace","path":"id","value":"2"}]`: Mutability,
		`[{"op":"remove","path":"groups"}]`:          Mutability,
		`[{"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}]`:             NoTarget,
		`[{"op":"replace","path":"emails[type eq \"work\"]","value":"x"}]`:                   InvalidValue,
		`[{"op":"replace","path":"active","value":"perhaps"}]`:                               InvalidValue,
		`[{"op":"replace","path":"userName","value":null}]`:                                  InvalidValue,
		`[{"op":"replace","path":"userName","value":7}]`:                                     InvalidValue,
		`[{"op":"replace","path":"name","value":"x"}]`:                                       InvalidValue,
		`[{"op":"replace","path":"emails","value":[7]}]`:                                     InvalidValue,
		`[{"op":"replace","path":"displayName","value":"` + strings.Repeat("x", 257) + `"}]`: InvalidValue,
	} {
		r := ann()
		p, err := ParsePatch([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":` + ops + `}`))
		if err == nil {
			err = p.Apply(r)
		}
		if err == nil {
			_, err = ReadUser(r)
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.Type != scimType {
			t.Errorf("%.80s: %v", ops, err)
		}
	}
	for _, body := range []string{``, `[]`, `{}`, `{"schemas":["other"],"Operations":[{"op":"remove","path":"a"}]}`} {
		if _, err := ParsePatch([]byte(body)); err == nil {
			t.Errorf("%s is a patch", body)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	var all []Resource
	for _, id := range []string{"1", "2", "3"} {
		all = append(all, Resource{"id": id, "schemas": []any{UserSchema}, "userName": "u" + id, "name": Resource{"givenName": "G", "familyName": "F"}, "meta": Resource{"resourceType": "User"}})
	}
	for query, want := range map[string]string{
		"":                                    "3 1 3 123",
		"startIndex=2&count=1":                "3 2 1 2",
		"startIndex=-5":                       "3 1 3 123",
		"startIndex=9":                        "3 9 0 ",
		"count=0":                             "3 1 0 ",
		"count=-1":                            "3 1 0 ",
		`filter=userName eq "u2"`:             "1 1 1 2",
		`filter=userName ne "u2"&count=1`:     "2 1 1 1",
		`filter=not (id eq "1")&startIndex=2`: "2 2 1 3",
	} {
		v, err := url.ParseQuery(strings.ReplaceAll(query, " ", "%20"))
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(v)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		raw, _ := json.Marshal(q.Page(all))
		var page struct {
			TotalResults, StartIndex, ItemsPerPage int
			Resources                              []struct{ ID string }
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		ids := ""
		for _, r := range page.Resources {
			ids += r.ID
		}
		if got := strings.Join([]string{digits(page.TotalResults), digits(page.StartIndex), digits(page.ItemsPerPage), ids}, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"startIndex=x", "count=1.5", "filter=x", "attributes=a b", "excludedAttributes=,"} {
		v, _ := url.ParseQuery(query)
		if _, err := ParseQuery(v); err == nil {
			t.Errorf("%s is accepted", query)
		}
	}
}

func digits(n int) string { raw, _ := json.Marshal(n); return string(raw) }

func TestWhatIsShown(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"attributes=userName":                            "id schemas userName",
		"attributes=name.givenName,EMAILS":               "emails id name.givenName schemas",
		"excludedAttributes=meta,groups,emails,roles,id": "active displayName externalId id name.familyName name.formatted name.givenName schemas userName",
		"excludedAttributes=name.formatted&attributes=name,urn:ietf:params:scim:schemas:core:2.0:User:active": "active id name.familyName name.givenName schemas",
	} {
		v, _ := url.ParseQuery(query)
		q, err := ParseQuery(v)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for name, v := range q.Show(ann()) {
			if name != "name" {
				names = append(names, name)
				continue
			}
			for sub := range object(v) {
				names = append(names, "name."+sub)
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s shows %s, want %s", query, got, want)
		}
	}
	shown := Query{}.Show(ann())
	if _, v := object(shown["meta"]).get("version"); v != Version(ann()) || Version(ann()) == Version(Resource{}) {
		t.Errorf("version %v", v)
	}
	if !Matches(`"x", `+Version(ann()), Version(ann())) || !Matches("*", "W/1") || Matches(`W/"2"`, `W/"1"`) {
		t.Error("entity tags do not match as they should")
	}
}

// What a filter reads it always reads the same, and looking does not change a resource.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`userName eq "a"`, `emails[type eq "work"].value eq "x"`, `not (a pr) and (b co "c" or d gt 1)`, `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName sw "\u00e9"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		filter, err := ParseFilter(s)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.Type != InvalidFilter {
				t.Fatal(err)
			}
			return
		}
		r := ann()
		first := filter.Match(r)
		if filter.Match(ann()) != first || !reflect.DeepEqual(r, ann()) {
			t.Fatal("a filter changes what it looks at")
		}
		if not, err := ParseFilter("not (" + s + ")"); err == nil && not.Match(r) == first {
			t.Fatal("not is not the contrary")
		}
		if filled := filter.template(); filled != nil && !strings.Contains(s, "and") && !filter.Match(decoded(filled)) {
			t.Fatalf("%v does not meet %s", filled, s)
		}
	})
}

// A patch leaves what can be encoded, and what only we set as it was.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{
		`[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x"}]`, `[{"op":"add","value":{"name.givenName":"x","members":[{"value":"a"}]}}]`,
		`[{"op":"remove","path":"members[value eq \"a\"]"}]`, `[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:a.b","value":[1,{"primary":true}]}]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, ops string) {
		p, err := ParsePatch([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":` + ops + `}`))
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatal(err)
			}
			return
		}
		r := ann()
		if err := p.Apply(r); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatal(err)
			}
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r["id"], ann()["id"]) || !reflect.DeepEqual(r["meta"], ann()["meta"]) || !reflect.DeepEqual(r["groups"], ann()["groups"]) {
			t.Fatalf("%s changes what it must not: %v", ops, r)
		}
		_, _ = ReadUser(r)
		_, _ = ReadGroup(r)
	})
}

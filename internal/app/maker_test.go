package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// maker makes requests of the API's own description, with the ids of others wherever a text
// may stand: of the right collection, where a name says which, more often than not.
type maker struct {
	*rand.Rand
	doc          map[string]any
	ops          []described
	theirs, mine things // of another organisation, and of whoever asks
	from         things // those that the request under way is made with
	own          bool   // they are mine
	any          []string
	under        string          // the name of the operation of that request
	placed       map[string]bool // where an id of theirs was: the operation and the name of the place
}

// described is an operation of the description.
type described struct {
	method, path string
	op           map[string]any
	params       []any
}

func (o described) name() string { return o.method + " " + o.path }

// spared are the operations that would end what the probe needs, and the one by which the first
// organisation does change another: it grants credit.
var spared = map[string]bool{"POST /credits/grant": true, "DELETE /session": true, "POST /me/password": true, "POST /vault/rotate": true, "POST /session": true, "POST /me/totp": true, "POST /me/totp/confirm": true}

// provisioning is described by SCIM itself, not in ours.
const provisioning = `{
"/scim/v2/Users": {"get": {"parameters": [{"in": "query", "name": "filter", "schema": {"type": "string"}}]}, "post": {}},
"/scim/v2/Users/{id}": {"get": {}, "put": {}, "patch": {}, "delete": {}},
"/scim/v2/Groups": {"get": {"parameters": [{"in": "query", "name": "filter", "schema": {"type": "string"}}]}, "post": {}},
"/scim/v2/Groups/{id}": {"get": {}, "put": {}, "patch": {}, "delete": {}}
}`

// samples are bodies and parameters that a schema does not tell, with ids of the collection
// that is named in <…>.
var samples = map[string][]string{
	"POST /analytics/query": {
		`{"metrics":["request_count","total_usage"],"dimensions":["api_key_id"],"filters":[{"field":"api_key_id","operator":"eq","value":"<keys>"}]}`,
		`{"metrics":["request_count"],"dimensions":["user"],"filters":[{"field":"user","operator":"in","value":["<members>","<people>"]}]}`,
		`{"metrics":["request_count"],"dimensions":["workspace","app","model"],"filters":[{"field":"workspace","operator":"neq","value":"<workspaces>"}]}`,
		`{"metrics":["request_count"],"dimensions":["generation_id"],"filters":[{"field":"generation_id","operator":"eq","value":"<generations>"}]}`,
		`{"metrics":["request_count"],"dimensions":["generation_id","api_key_id"]}`,
	},
	"POST /chat/completions":                            {`{"model":"m/x","user":"<external_user>","session_id":"<session_id>","messages":[{"role":"user","content":"hello"}]}`, `{"model":"m/x@preset/<presets>","messages":[{"role":"user","content":"hello"}]}`},
	"POST /completions":                                 {`{"model":"m/x","prompt":"hello"}`},
	"POST /responses":                                   {`{"model":"m/x","input":"hello","previous_response_id":"<responses>"}`, `{"model":"m/x","input":"hello","store":true}`},
	"POST /messages":                                    {`{"model":"m/x","max_tokens":9,"metadata":{"user_id":"<external_user>"},"messages":[{"role":"user","content":"hello"}]}`},
	"POST /messages/count_tokens":                       {`{"model":"m/x","messages":[{"role":"user","content":"hello"}]}`},
	"POST /presets/{slug}/messages":                     {`{"model":"m/x","max_tokens":9,"messages":[]}`},
	"POST /presets/{slug}/responses":                    {`{"model":"m/x","instructions":"be brief","input":"x"}`},
	"POST /auth/keys/code":                              {`{"callback_url":"https://app.test/","workspace_id":"<workspaces>"}`},
	"POST /byok":                                        {`{"provider":"gamma","key":"sk-1234567890","workspace_id":"<workspaces>"}`, `{"provider":"gamma","key":"sk-1234567890","allowed_api_key_hashes":["<keys>"],"allowed_user_ids":["<members>"]}`},
	"POST /guardrails":                                  {`{"name":"g","workspace_id":"<workspaces>"}`},
	"POST /guardrails/preview":                          {`{"guardrail_id":"<guardrails>"}`, `{"key_hash":"<keys>"}`, `{"member_id":"<members>","workspace_id":"<workspaces>","text":"hello"}`},
	"POST /keys":                                        {`{"name":"k","workspace_id":"<workspaces>"}`, `{"name":"k","creator_user_id":"<members>"}`},
	"POST /oauth/federation-policies":                   {`{"name":"f","issuer":"https://app.test","audience":"us","conditions":[{"claim":"sub","values":["a"]}],"workspace_id":"<workspaces>"}`},
	"POST /observability/destinations":                  {`{"type":"webhook","name":"d","enabled":false,"config":{"url":"https://hooks.test/x"},"workspace_id":"<workspaces>"}`, `{"type":"webhook","name":"d","enabled":false,"config":{"url":"https://hooks.test/x"},"api_key_hashes":["<keys>"]}`},
	"POST /routing/explain":                             {`{"model":"m/x","key":"<keys>"}`, `{"model":"m/x","workspace_id":"<workspaces>"}`, `{"model":"m/x@preset/<presets>"}`},
	"POST /scim/group-mappings":                         {`{"scim_group_id":"<groups>","workspace_id":"<workspaces>","role":"member"}`},
	"POST /workspaces":                                  {`{"name":"w","slug":"s7","io_logging_api_key_hashes":["<keys>"]}`},
	"POST /embeddings":                                  {`{"model":"m/x","input":"hello","user":"<external_user>"}`},
	"POST /rerank":                                      {`{"model":"m/x","query":"hello","documents":["a"]}`},
	"POST /audio/speech":                                {`{"model":"m/x","input":"hello","voice":"v"}`},
	"POST /images":                                      {`{"model":"m/draw","prompt":"hello","user":"<external_user>"}`},
	"POST /images/generations":                          {`{"model":"m/draw","prompt":"hello"}`},
	"POST /v1beta/models/{model}:generateContent":       {googleContents},
	"POST /v1beta/models/{model}:streamGenerateContent": {googleContents},
	"POST /v1beta/models/{model}:countTokens":           {googleContents},
	"POST /scim/v2/Users":                               {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"<members>@example.net","externalId":"<members>"}`},
	"PUT /scim/v2/Users/{id}":                           {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"put@example.net","active":false}`},
	"PATCH /scim/v2/Users/{id}":                         {`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`},
	"POST /scim/v2/Groups":                              {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"<groups>","members":[{"value":"<members>"}]}`},
	"PUT /scim/v2/Groups/{id}":                          {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"x","members":[{"value":"<members>"}]}`},
	"PATCH /scim/v2/Groups/{id}":                        {`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"<members>"}]}]}`},
	"filter of GET /scim/v2/Users":                      {`id eq "<members>"`, `userName eq "<members>"`, `externalId pr`},
	"filter of GET /scim/v2/Groups":                     {`id eq "<groups>"`, `displayName eq "<groups>"`},
}

const googleContents = `{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}`

var blank = regexp.MustCompile(`<(\w+)>`)

// sample is one of the samples of that name, filled in.
func (m *maker) sample(name string) (text string, ok bool) {
	list, ok := samples[name]
	if !ok {
		return "", false
	}
	return blank.ReplaceAllStringFunc(list[m.IntN(len(list))], func(s string) string { return m.id(s[1 : len(s)-1]) }), true
}

func newMaker(t *testing.T, h http.Handler, theirs, mine things, seed uint64) *maker {
	t.Helper()
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1)), theirs: theirs, mine: mine, placed: map[string]bool{}}
	if err := json.Unmarshal((&caller{}).do(h, "GET", "/openapi.json", "").Body.Bytes(), &m.doc); err != nil {
		t.Fatal(err)
	}
	paths := m.doc["paths"].(map[string]any)
	if err := json.Unmarshal([]byte(provisioning), &paths); err != nil {
		t.Fatal(err)
	}
	for path, item := range paths {
		item := item.(map[string]any)
		for method, op := range item {
			o := described{method: strings.ToUpper(method), path: path}
			if method == "parameters" || method == "servers" || spared[o.name()] {
				continue
			}
			o.op = op.(map[string]any)
			for _, of := range []map[string]any{item, o.op} {
				list, _ := of["parameters"].([]any)
				o.params = append(o.params, list...)
			}
			m.ops = append(m.ops, o)
		}
	}
	slices.SortFunc(m.ops, func(a, b described) int { return strings.Compare(a.name(), b.name()) })
	return m
}

// request is a random one. What only looks is about one's own now and then, to see that it works.
func (m *maker) request() (o described, target, body string) {
	o = m.ops[m.IntN(len(m.ops))]
	m.from, m.own = m.theirs, o.method == "GET" && m.IntN(5) == 0
	if m.own {
		m.from = m.mine
	}
	m.any, m.under = m.from.all(), o.name()
	path := m.path(o)
	if root := slices.ContainsFunc([]string{"/v1beta", "/scim/v2", "/openapi.json", "/healthz", "/metrics"}, func(at string) bool { return strings.HasPrefix(path, at) }); !root {
		path = "/api/v1" + path
	}
	if q := m.query(o); len(q) > 0 {
		path += "?" + q.Encode()
	}
	if o.method == "GET" {
		return o, path, ""
	}
	if body, ok := m.sample(o.name()); ok && (o.schema() == nil || m.IntN(2) == 0) {
		return o, path, body
	}
	return o, path, m.value("", o.schema(), 0)
}

// schema is that of the body, nil where there is none or of another type than JSON.
func (o described) schema() any {
	in, _ := o.op["requestBody"].(map[string]any)
	content, _ := in["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	return media["schema"]
}

// public are values of places in paths that are nobody's.
var public = map[string][]string{"author": {"m"}, "slug": {"x", "draw"}, "model": {"m/x"}, "models": {"m/x"}, "providers": {"alpha"}, "interval": {"monthly"}, "version": {"1"}}

var placeholder = regexp.MustCompile(`([^/{}]+)/{(\w+)}|{(\w+)}`)

// path has ids in its places, each of the collection before it.
func (m *maker) path(o described) string {
	return placeholder.ReplaceAllStringFunc(o.path, func(s string) string {
		g := placeholder.FindStringSubmatch(s)
		before, value := "", ""
		if g[1] != "" {
			before = g[1] + "/"
		}
		key := g[2] + g[3]
		if g[1] != "" && (key == "id" || key == "slug") {
			key = g[1]
		}
		if list := public[key]; len(list) > 0 && m.IntN(2) == 0 {
			value = list[m.IntN(len(list))]
		} else {
			value = m.id(g[1])
		}
		if strings.HasPrefix(o.path, "/v1beta") {
			return before + value // a name of Google's has slashes
		}
		return before + url.PathEscape(value)
	})
}

// query is two of the parameters that are not required, more or less.
func (m *maker) query(o described) url.Values {
	q := url.Values{}
	for _, p := range o.params {
		p := m.resolve(p).(map[string]any)
		if p["in"] != "query" || p["required"] != true && m.IntN(max(3, len(o.params)/2)) != 0 {
			continue
		}
		name := fmt.Sprint(p["name"])
		value, ok := m.sample(name + " of " + o.name())
		if !ok {
			value = strings.Trim(m.value(name, p["schema"], 0), `[]"`) // a list of one is that one
		}
		q.Set(name, value)
	}
	return q
}

// collections are where the ids of a name are, unless the collection has that name.
var collections = map[string]string{
	"id": "generations", "generation_id": "generations", "hash": "keys", "key_hash": "keys", "key_hashes": "keys", "api_key_hash": "keys", "api_key_hashes": "keys",
	"allowed_api_key_hashes": "keys", "io_logging_api_key_hashes": "keys", "workspace_id": "workspaces", "workspace_ids": "workspaces",
	"user_id": "members", "user_ids": "members", "member_id": "members", "member_user_ids": "members", "allowed_user_ids": "members", "creator_user_id": "members", "Users": "members",
	"guardrail_id": "guardrails", "scim_group_id": "groups", "Groups": "groups", "organization": "organizations", "preset": "presets", "previous_response_id": "responses",
}

// id is one of what a name tells, or of anything.
func (m *maker) id(of string) string {
	m.placed[m.under+" "+of] = m.placed[m.under+" "+of] || !m.own
	if c, ok := collections[of]; ok {
		of = c
	}
	if list := m.from[of]; len(list) > 0 && m.IntN(4) != 0 {
		return list[m.IntN(len(list))]
	}
	return m.any[m.IntN(len(m.any))]
}

// resolve is what a reference leads to, with what it is made of as one.
func (m *maker) resolve(v any) any {
	for {
		s, _ := v.(map[string]any)
		ref, ok := s["$ref"].(string)
		if !ok && s["allOf"] != nil {
			return m.joined(s)
		}
		if !ok {
			return v
		}
		v = m.doc
		for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			v = v.(map[string]any)[step]
		}
	}
}

// joined is an object that is all of some, as one schema.
func (m *maker) joined(s map[string]any) map[string]any {
	properties, required := map[string]any{}, []any{}
	for _, part := range append(s["allOf"].([]any), map[string]any{"properties": s["properties"], "required": s["required"]}) {
		part, _ := m.resolve(part).(map[string]any)
		some, _ := part["properties"].(map[string]any)
		maps.Copy(properties, some)
		must, _ := part["required"].([]any)
		required = append(required, must...)
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// value is JSON of a schema, more often good than not, under a name.
func (m *maker) value(name string, schema any, depth int) string {
	s, _ := m.resolve(schema).(map[string]any)
	if list, ok := s["enum"].([]any); ok {
		raw, _ := json.Marshal(list[m.IntN(len(list))])
		return string(raw)
	}
	for _, some := range []string{"oneOf", "anyOf"} {
		if list, ok := s[some].([]any); ok {
			return m.value(name, list[m.IntN(len(list))], depth)
		}
	}
	kind, _ := s["type"].(string)
	if list, ok := s["type"].([]any); ok {
		kind = fmt.Sprint(list[m.IntN(len(list))])
	}
	switch kind {
	case "object":
		return m.object(s, depth)
	case "array":
		return "[" + m.member(name, s["items"], depth) + "]"
	case "integer", "number":
		return fmt.Sprint(1 + m.IntN(5))
	case "boolean":
		return fmt.Sprint(m.IntN(2) == 0)
	case "null":
		return "null"
	}
	return m.text(name, fmt.Sprint(s["format"]))
}

func (m *maker) object(s map[string]any, depth int) string {
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	var members []string
	for _, name := range slices.Sorted(maps.Keys(properties)) { // for the same seed the same
		must := slices.ContainsFunc(required, func(r any) bool { return r == name })
		if must || depth < 4 && m.IntN(max(3, len(properties)/3)) == 0 {
			members = append(members, fmt.Sprintf("%q:%s", name, m.member(name, properties[name], depth)))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// member is a value that passes the first checks where its name tells how.
func (m *maker) member(name string, schema any, depth int) string {
	switch name {
	case "model":
		return []string{`"m/x"`, `"m/x@preset/preset-5b7e"`, `"@preset/preset-5b7e"`}[m.IntN(3)]
	case "email", "owner_email":
		return fmt.Sprintf(`"u%d@example.org"`, m.IntN(50))
	case "provider":
		return `"gamma"`
	case "callback_url", "issuer":
		return `"https://app.test/"`
	case "config":
		return `{"url":"https://hooks.test/x"}`
	case "messages":
		return `[{"role":"user","content":"hello"}]`
	case "slug":
		return fmt.Sprintf(`"s%d"`, m.IntN(50))
	}
	return m.value(name, schema, depth+1)
}

func (m *maker) text(name, format string) string {
	at := time.Now().UTC().Add(-time.Duration(m.IntN(72)) * time.Hour)
	switch {
	case format == "date":
		return at.Format(`"2006-01-02"`)
	case format == "date-time":
		return at.Format(`"` + time.RFC3339 + `"`)
	case m.IntN(4) == 0 && collections[name] == "":
		return fmt.Sprintf(`"text %d"`, m.IntN(100))
	}
	return fmt.Sprintf("%q", m.id(name))
}

// places are where a request of the operation has an id of somebody's, by name.
func (m *maker) places(o described) (names []string) {
	add := func(name string) {
		if len(m.theirs[name]) > 0 || collections[name] != "" {
			names = append(names, name)
		}
	}
	for _, g := range placeholder.FindAllStringSubmatch(o.path, -1) {
		add(g[1])
	}
	for _, p := range o.params {
		p := m.resolve(p).(map[string]any)
		if kind := m.resolve(p["schema"]).(map[string]any)["type"]; p["in"] == "query" && kind != "integer" {
			add(fmt.Sprint(p["name"]))
		}
	}
	m.members(o.schema(), 0, func(name string) {
		if collections[name] != "" {
			names = append(names, name)
		}
	})
	return names
}

// members are the names of what a body may have.
func (m *maker) members(schema any, depth int, add func(name string)) {
	s, _ := m.resolve(schema).(map[string]any)
	if depth > 4 {
		return
	}
	for _, some := range []string{"oneOf", "anyOf"} {
		list, _ := s[some].([]any)
		for _, one := range list {
			m.members(one, depth+1, add)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, member := range properties {
		add(name)
		m.members(member, depth+1, add)
	}
}

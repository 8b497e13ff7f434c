package manage

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write openapi.json from openapi.yaml")

func TestDescriptionIsTheYAMLAsJSON(t *testing.T) {
	source, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(source, &doc); err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, description) {
		t.Fatal("openapi.json is not openapi.yaml; run: go test ./internal/manage -run TestDescription -update")
	}
}

func TestDocsNameEveryOperation(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, op := range operations {
		names = append(names, op.method+" "+op.path)
	}
	for _, u := range unbuilt {
		names = append(names, u.method+" "+u.path)
	}
	for _, op := range googleOperations {
		names = append(names, op.method+" "+op.path)
	}
	for _, name := range names {
		if !bytes.Contains(docs, []byte("`"+name+"`")) {
			t.Errorf("docs/api.md does not have %s", name)
		}
	}
}

// TestDescriptionHasEveryOperation also means that it has no other.
func TestDescriptionHasEveryOperation(t *testing.T) {
	t.Parallel()
	built := map[string]bool{
		"GET /openapi.json": true, "GET /healthz": true, "GET /metrics": true, // at the root of the address
	}
	for _, op := range operations {
		built[op.method+" "+op.path] = true
	}
	for _, op := range googleOperations {
		built[op.method+" "+op.path] = true
	}
	described := map[string]bool{}
	for path, item := range document31(t)["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if m := strings.ToUpper(method); m != "PARAMETERS" && m != "SERVERS" {
				described[m+" "+path] = true
			}
		}
	}
	if !maps.Equal(built, described) {
		t.Errorf("built %v\ndescribed %v", slices.Sorted(maps.Keys(built)), slices.Sorted(maps.Keys(described)))
	}
}

// TestDescriptionIsWhole: an unquoted text in braces ends at its first comma, and the rest of it
// becomes a member without a value.
func TestDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	var look func(at string, v any)
	look = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				look(at+"/"+name, member)
				if member == nil && strings.Contains(name, " ") {
					t.Errorf("%s: %q is the rest of a text", at, name)
				}
			}
		case []any:
			for i, member := range v {
				look(at+"/"+strconv.Itoa(i), member)
			}
		}
	}
	look("", document31(t))
}

func TestDescriptionIsServed(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newHouse(t).OpenAPI(w, httptest.NewRequest("GET", "/openapi.json", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != jsonType || !strings.Contains(w.Body.String(), `"openapi": "3.1.0"`) {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
}

func document31(t *testing.T) map[string]any {
	t.Helper()
	doc, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

var parsed = sync.OnceValues(func() (doc map[string]any, err error) {
	return doc, json.Unmarshal(description, &doc)
})

// schemas compiles the schema of every answer. Objects admit only the members that are
// described, so that an undocumented member fails.
var schemas = sync.OnceValue(func() func(pointer string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		panic(err)
	}
	strict(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		panic(err)
	}
	var mu sync.Mutex
	return func(pointer string) (*jsonschema.Schema, error) {
		mu.Lock()
		defer mu.Unlock()
		return c.Compile("openapi.json#" + pointer)
	}
})

func strict(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, object := v["properties"].(map[string]any); object && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, member := range v {
			strict(member)
		}
	case []any:
		for _, member := range v {
			strict(member)
		}
	}
}

// conforms checks an answer of a described operation.
func conforms(t *testing.T, r *http.Request, out reply) {
	t.Helper()
	item, _ := document31(t)["paths"].(map[string]any)[r.Pattern].(map[string]any)
	op, described := item[strings.ToLower(r.Method)].(map[string]any)
	pointer := "/components/schemas/Error"
	if described {
		status := strconv.Itoa(out.status)
		answer, ok := op["responses"].(map[string]any)[status].(map[string]any)
		if !ok {
			t.Errorf("%s %s answers %s, which is not described: %s", r.Method, r.Pattern, status, out.raw)
			return
		}
		if answer["$ref"] == nil {
			pointer = "/paths/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(r.Pattern) +
				"/" + strings.ToLower(r.Method) + "/responses/" + status + "/content/application~1json/schema"
		}
	} else if out.status < 400 {
		return
	}
	schema, err := schemas()(pointer)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(any(out.body)); err != nil {
		t.Errorf("%s %s: %v\n%s", r.Method, r.URL, err, out.raw)
	}
}

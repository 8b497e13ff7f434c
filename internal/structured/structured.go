// Package structured checks an answer against the JSON Schema that its request demands.
package structured

import (
	"bytes"
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Status is what a check found.
type Status string

// The statuses.
const (
	Valid     Status = "valid"
	Invalid   Status = "invalid"
	Unchecked Status = "unchecked" // nothing could be said
)

// Verdict is the result of a check. It holds nothing of the answer but where it is wrong.
type Verdict struct {
	Status  Status `json:"status"`
	At      string `json:"at,omitempty"`      // JSON pointer into the answer, where it is invalid
	Keyword string `json:"keyword,omitempty"` // of the schema that it breaks: required, type …
	Why     string `json:"why,omitempty"`     // why it was not checked
}

// What is larger is not checked: a check costs time with both.
const (
	MaxSchema = 256 << 10
	MaxAnswer = 1 << 20
)

// Check validates an answer against a JSON Schema, whose draft is 2020-12 when it does not
// say. References to other documents are not followed.
func Check(schema, answer []byte) Verdict {
	switch {
	case len(schema) > MaxSchema:
		return unchecked("the schema is too large")
	case len(answer) > MaxAnswer:
		return unchecked("the answer is too large")
	}
	s, err := compile(schema)
	if err != nil {
		return unchecked("the schema cannot be used")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(answer))
	if err != nil {
		return Verdict{Status: Invalid, Keyword: "json"}
	}
	err = s.Validate(value)
	if err == nil {
		return Verdict{Status: Valid}
	}
	e, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return unchecked("the schema cannot be used")
	}
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	v := Verdict{Status: Invalid, At: pointer(e.InstanceLocation)}
	if path := e.ErrorKind.KeywordPath(); len(path) > 0 {
		v.Keyword = path[len(path)-1]
	}
	return v
}

func unchecked(why string) Verdict { return Verdict{Status: Unchecked, Why: why} }

func compile(schema []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nowhere{})
	if err := c.AddResource("urn:schema", doc); err != nil {
		return nil, err
	}
	return c.Compile("urn:schema")
}

// nowhere loads no document: a schema comes from a stranger.
type nowhere struct{}

func (nowhere) Load(string) (any, error) { return nil, errors.New("other documents are not read") }

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// pointer is RFC 6901's form of a path.
func pointer(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteString("/" + escape.Replace(p))
	}
	return b.String()
}

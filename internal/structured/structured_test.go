package structured

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const person = `{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0},"a/b":{"$ref":"#/$defs/list"}},"required":["name","age"],"additionalProperties":false,"$defs":{"list":{"type":"array","items":{"enum":["x","y"]}}}}`
	for _, c := range []struct {
		schema, answer string
		want           Verdict
	}{
		{person, `{"name":"Ada","age":36}`, Verdict{Status: Valid}},
		{person, ` {"age":36,"name":"Ada","a/b":["x"]} `, Verdict{Status: Valid}},
		{person, `{"name":"Ada"}`, Verdict{Status: Invalid, Keyword: "required"}},
		{person, `{"name":"Ada","age":"36"}`, Verdict{Status: Invalid, At: "/age", Keyword: "type"}},
		{person, `{"name":"Ada","age":-1}`, Verdict{Status: Invalid, At: "/age", Keyword: "minimum"}},
		{person, `{"name":"Ada","age":1,"more":2}`, Verdict{Status: Invalid, Keyword: "additionalProperties"}},
		{person, `{"name":"Ada","age":1,"a/b":["x","z"]}`, Verdict{Status: Invalid, At: "/a~1b/1", Keyword: "enum"}},
		{person, `{"name":"Ada","age":3`, Verdict{Status: Invalid, Keyword: "json"}},
		{person, "```json\n{}\n```", Verdict{Status: Invalid, Keyword: "json"}},
		{person, `{"name":"Ada","age":36} and more`, Verdict{Status: Invalid, Keyword: "json"}},
		{person, ``, Verdict{Status: Invalid, Keyword: "json"}},
		{`true`, `1`, Verdict{Status: Valid}},
		{`{"type":"STRING"}`, `"x"`, unchecked("the schema cannot be used")},
		{`{"$ref":"https://example.com/schema.json"}`, `1`, unchecked("the schema cannot be used")},
		{`{"$ref":"file:///etc/passwd"}`, `1`, unchecked("the schema cannot be used")},
		{`{"$ref":"#"}`, `1`, Verdict{Status: Invalid}},
		{`{`, `1`, unchecked("the schema cannot be used")},
		{`{"description":"` + strings.Repeat("x", MaxSchema) + `"}`, `1`, unchecked("the schema is too large")},
		{`{}`, `"` + strings.Repeat("x", MaxAnswer) + `"`, unchecked("the answer is too large")},
	} {
		if got := Check([]byte(c.schema), []byte(c.answer)); got != c.want {
			t.Errorf("%.60s\n%.60s\ngot  %+v\nwant %+v", c.schema, c.answer, got, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"type":"object","properties":{"a":{"$ref":"#"}}}`), []byte(`{"a":{"a":1}}`))
	f.Add([]byte(`{"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"pattern":"^(a+)+$"}}}`), []byte(`"aaaaaaaaaaaaaaaaaaaab"`))
	f.Fuzz(func(t *testing.T, schema, answer []byte) {
		if v := Check(schema, answer); v.Status == "" {
			t.Error("no status")
		}
	})
}

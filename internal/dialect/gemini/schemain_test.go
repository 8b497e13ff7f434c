package gemini

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func TestPlainSchema(t *testing.T) {
	for in, want := range map[string]string{
		`{"type":"STRING","nullable":true,"enum":["A","B"]}`:                                                                                  `{"type":["string","null"],"enum":["A","B",null]}`,
		`{"nullable":true,"any_of":[{"type":"NUMBER"},{"type":"BOOLEAN"}]}`:                                                                   `{"anyOf":[{"type":"number"},{"type":"boolean"},{"type":"null"}]}`,
		`{"type":"OBJECT","properties":{"a\"{":{"ref":"#/defs/x"}},"defs":{"x":{"type":"ARRAY","items":{"type":"INTEGER"},"max_items":"3"}}}`: `{"type":"object","properties":{"a\"{":{"$ref":"#/defs/x"}},"defs":{"x":{"type":"array","items":{"type":"integer"},"maxItems":3}}}`,
		`{"type":"TYPE_UNSPECIFIED","title":"t","default":null,"minimum":1.5,"format":"enum"}`:                                                `{"title":"t","default":null,"minimum":1.5}`,
		`{"type":["string","null"],"additionalProperties":false,"prefixItems":[{}]}`:                                                          `{"type":["string","null"],"additionalProperties":false,"prefixItems":[{}]}`,
		`[]`: `{}`,
	} {
		var d rawjson.Doc
		if err := d.Parse([]byte(in)); err != nil {
			t.Fatal(err)
		}
		if got := string(plainSchema(d.Root())); got != want {
			t.Errorf("%s became %s\nwant %s", in, got, want)
		}
	}
}

package gateway_test

import (
	"io"
	"strings"
	"testing"
)

const schema = `,"response_format":{"type":"json_schema","json_schema":{"name":"p","strict":true,"schema":{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}}`

func TestAnswersAreCheckedAgainstTheirSchema(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ answer, status, detail string }{
		{`{\"age\": 36}`, "valid", `"status":"valid","enforced":true`},
		{`{\"age\": \"36\"}`, "invalid", `"status":"invalid","at":"/age","keyword":"type","enforced":true`},
		{`It is 36 .`, "invalid", `"status":"invalid","keyword":"json"`},
	} {
		h := newHouse(t, options{}, plays{h: says(c.answer), price: "1"})
		for _, stream := range []string{"", `,"stream":true`} {
			resp := h.request(t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"hello"}]`+schema+stream+`}`)
			raw, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 || !strings.Contains(string(raw), `"structured_output":{`+c.detail) {
				t.Errorf("%s%s: %d %s", c.answer, stream, resp.StatusCode, raw)
			}
			if got := resp.Header.Get("X-Dragoman-Schema"); stream == "" && got != c.status+", enforced" {
				t.Errorf("%s: X-Dragoman-Schema: %q", c.answer, got)
			}
			if rec := h.last(); rec.Structured != c.status {
				t.Errorf("%s%s: the record says %q", c.answer, stream, rec.Structured)
			}
		}
	}
}

func TestWithoutASchemaNothingIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{}, plays{h: says("hello"), price: "1"})
	resp := h.request(t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"hello"}]}`)
	raw, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if strings.Contains(string(raw), "structured_output") || resp.Header.Get("X-Dragoman-Schema") != "" || h.last().Structured != "" {
		t.Errorf("%v %s", resp.Header, raw)
	}
}

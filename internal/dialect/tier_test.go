package dialect_test

import (
	"bytes"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

func TestStandardTier(t *testing.T) {
	for in, want := range map[string]string{
		`{"model":"m","service_tier":"priority","n":1}`:        `{"model":"m","n":1}`,
		`{"model":"m","serviceTier":"PRIORITY"}`:               `{"model":"m"}`,
		`{"model":"m","serviceTier":{"type":"priority"}}`:      `{"model":"m"}`,
		`{"model":"m","speed":"fast"}`:                         `{"model":"m"}`,
		`{ "model":"m","service_tier":"auto","speed":"slow" }`: `{ "model":"m","service_tier":"auto","speed":"slow" }`,
		`{"model":"m","service_tier":"flex"}`:                  `{"model":"m"}`,
		`{"service_tier":null,"speed":2}`:                      `{"service_tier":null,"speed":2}`,
	} {
		call := dialect.Call{Body: [][]byte{[]byte(in[:9]), []byte(in[9:])}}
		was, err := dialect.StandardTier(&call)
		if got := string(bytes.Join(call.Body, nil)); err != nil || got != want || was != (in != want) {
			t.Errorf("%s became %s, %t, %v", in, got, was, err)
		}
	}
	call := dialect.Call{Header: dialect.Header{"X-Vertex-Ai-Llm-Shared-Request-Type": {"priority"}}, Body: [][]byte{[]byte(`{"a":1}`)}}
	if was, err := dialect.StandardTier(&call); err != nil || !was || len(call.Header) != 0 {
		t.Errorf("%t %v %v", was, err, call.Header)
	}
}

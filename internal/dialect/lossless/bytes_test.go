package lossless

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaitext"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// odd are members that a careless reader and writer of JSON would not give back as they are.
var odd = []string{
	`"zq":1,"zq":2,"zq":"three"`, // one name several times
	`"zq":123456789012345678901234567890`,
	`"zq":-0.0`,
	`"zq":[1e400,-1E+2,1.10,0.1e-7,5e-324]`,
	`"zq":"\u0041\ud83d\ude00\/\b\f\n\r\t\"\\\u2028"`,
	`"zq":"\ud800 alone"`,
	"\"zq\":\"raw \u2028 \u007f \U0001F600 é\"",
	"\"\\u007aq\":\r\n\t{ \"a\" :\r\n[ ] ,\t\"\" : { } }\r\n",
	`"zq":` + strings.Repeat(`[`, 60) + strings.Repeat(`]`, 60),
	`"zq":"` + strings.Repeat("long ", 40000) + `"`,
	`"zq":{"model":"not this","stream":7,"user":null,"messages":"nor these"}`,
	`"ZQ":null,"Model":"not this","zq.model":"nor this"`,
}

// relays are requests of each dialect with a hole for members. MODEL is where the declared
// edit goes.
var relays = []struct {
	surface dialect.Surface
	adapter dialect.Adapter
	body    string
}{
	{openaichat.Surface{}, &openaichat.Adapter{}, `{"model": "MODEL",%s,"temperature":0.70,"messages":[{"role":"user","content":[{"type":"text","text":"caf\u00e9","x":1.0}],%[1]s}]}`},
	{responses.Surface{}, &responses.Adapter{}, `{%s,"store":false , "input":[{"role":"user","content":[{"type":"input_text","text":"caf\u00e9","x":1.0}],%[1]s}],"temperature":0.70, "model":"MODEL" }`},
	{anthropic.Surface{}, anthropic.Adapter{}, `{"max_tokens":100,%s,"model"	:	"MODEL","messages":[{"role":"user","content":[{"type":"text","text":"caf\u00e9","x":1.0}],%[1]s}],"top_k":7}`},
	{gemini.Surface{Model: "m"}, gemini.Adapter{}, `{"contents":[{"role":"user","parts":[{"text":"caf\u00e9","x":1.0}],%s}],%[1]s,"generationConfig":{"topP":0.70,%[1]s}}`},
	{openaitext.Surface{}, &openaitext.Adapter{}, `{"prompt":"caf\u00e9",%s,"model":"MODEL","top_p":0.70}`},
}

// TestBytesPass sends requests in the dialect they came in: but for the model's name not a
// byte changes.
func TestBytesPass(t *testing.T) {
	for _, r := range relays {
		for i, members := range odd {
			for _, space := range []string{"", "\r\n", " \t\n"} {
				in := []byte(space + strings.Replace(fmt.Sprintf(r.body, members), "MODEL", `m\u0061in`, 1) + space)
				kept := sha256.Sum256(in)
				req, err := r.surface.DecodeRequest(dialect.Inbound{Body: in})
				if err != nil {
					t.Errorf("%s: odd[%d]: %v", r.surface.Dialect(), i, err)
					continue
				}
				if want := map[bool]string{true: "m", false: "main"}[req.From == llm.Gemini]; req.Model != want {
					t.Errorf("%s: odd[%d]: the model is %q, not %q", req.From, i, req.Model, want)
				}
				call, losses, err := r.adapter.EncodeRequest(req, dialect.Target{Model: "upstream"})
				if err != nil || len(losses) > 0 {
					t.Errorf("%s: odd[%d]: %v %v", req.From, i, err, losses)
					continue
				}
				out := bytes.Join(call.Body, nil)
				want := bytes.Replace(in, []byte(`"m\u0061in"`), []byte(`"upstream"`), 1)
				if sha256.Sum256(out) != sha256.Sum256(want) {
					t.Errorf("%s: odd[%d]: sent\n%.300q\nnot\n%.300q", req.From, i, out, want)
				}
				if sha256.Sum256(in) != kept {
					t.Errorf("%s: odd[%d]: the client's own bytes were changed", req.From, i)
				}
			}
		}
	}
}

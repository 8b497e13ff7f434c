package openaichat

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func decode(t testing.TB, body string) *llm.Request {
	t.Helper()
	r, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

const minimal = `"model":"a/b","messages":[{"role":"user","content":"hi"}]`

func TestDecodeRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`{`:                    "",
		`[]`:                   "",
		"{\"model\":\"\xff\"}": "",
		`{"model":"a/b"}`:      "messages",
		`{"messages":[]}`:      "messages",
		`{"messages":"hi"}`:    "messages",
		`{"messages":[{"role":"user","content":"x"}]}`:                                  "model",
		`{"model":7,"messages":[]}`:                                                     "model",
		`{"model":"a/b","messages":[1]}`:                                                "messages[0]",
		`{"model":"a/b","messages":[{"content":"x"}]}`:                                  "messages[0].role",
		`{"model":"a/b","messages":[{"role":"king","content":"x"}]}`:                    "messages[0].role",
		`{"model":"a/b","messages":[{"role":"user"}]}`:                                  "messages[0].content",
		`{"model":"a/b","messages":[{"role":"user","content":7}]}`:                      "messages[0].content",
		`{"model":"a/b","messages":[{"role":"user","content":[{"type":"text"}]}]}`:      "messages[0].content[0].text",
		`{"model":"a/b","messages":[{"role":"user","content":[{"type":"image_url"}]}]}`: "messages[0].content[0].image_url.url",
		`{` + minimal + `,"stream":"yes"}`:                                              "stream",
		`{` + minimal + `,"temperature":3}`:                                             "temperature",
		`{` + minimal + `,"temperature":"hot"}`:                                         "temperature",
		`{` + minimal + `,"max_tokens":0}`:                                              "max_tokens",
		`{` + minimal + `,"max_tokens":1e99}`:                                           "max_tokens",
		`{` + minimal + `,"n":1.5}`:                                                     "n",
		`{` + minimal + `,"stop":["1","2","3","4","5"]}`:                                "stop",
		`{` + minimal + `,"logit_bias":{"5":101}}`:                                      "logit_bias.5",
		`{` + minimal + `,"top_logprobs":21}`:                                           "top_logprobs",
		`{` + minimal + `,"tools":[{"type":"function","function":{}}]}`:                 "tools[0].function.name",
		`{` + minimal + `,"tool_choice":"maybe"}`:                                       "tool_choice",
		`{` + minimal + `,"response_format":{"type":"json_schema"}}`:                    "response_format.json_schema",
		`{` + minimal + `,"reasoning":{"effort":"high","max_tokens":5}}`:                "reasoning",
		`{` + minimal + `,"reasoning":{"effort":"high"},"reasoning_effort":"low"}`:      "reasoning_effort",
		`{` + minimal + `,"provider":{"sort":"beauty"}}`:                                "provider.sort",
		`{` + minimal + `,"provider":{"preferred_max_latency":{"p42":1}}}`:              "provider.preferred_max_latency",
		`{` + minimal + `,"session_id":"` + strings.Repeat("x", 257) + `"}`:             "session_id",
		`{` + minimal + `,"metadata":{"k":"` + strings.Repeat("x", 513) + `"}}`:         "metadata.k",
	} {
		_, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Invalid || e.Param != param || e.Public == "" {
			t.Errorf("%.90s: %v (param %q, want %q)", body, err, e.Param, param)
		}
	}
}

func TestDecodeAcceptsNullForUnset(t *testing.T) {
	r := decode(t, `{`+minimal+`,"stream":null,"temperature":null,"tools":null,"provider":null,"reasoning":null,"max_tokens":null,"stop":null,"n":null}`)
	if r.Stream || r.Choices != 1 || r.MaxOutput != 0 || len(r.Params) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDecodeHead(t *testing.T) {
	r := decode(t, `{"model":"a/b:nitro","models":["c/d"],"stream":true,"max_tokens":5,"max_completion_tokens":9,"n":2,
		"messages":[{"role":"user","content":[{"type":"text","text":"12345"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}},{"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD"}}]}],
		"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_object"},"reasoning":{"effort":"low","exclude":true},
		"provider":{"order":["x"],"only":["y"],"allow_fallbacks":false,"zdr":true,"data_collection":"deny","sort":{"by":"price","partition":"none"},"max_price":{"prompt":1.5,"completion":"2"},"preferred_min_throughput":50},
		"logprobs":true,"session_id":"s","user":"u"}`)
	want := llm.NeedTools | llm.NeedImages | llm.NeedFiles | llm.NeedJSONObject | llm.NeedReasoning | llm.NeedLogprobs | llm.NeedChoices
	if r.Needs != want {
		t.Errorf("needs %b, want %b", r.Needs, want)
	}
	if r.MaxOutput != 9 || r.Choices != 2 || r.Size.Images != 1 || r.Size.Files != 1 || r.Size.Text < 5 || !r.Reasoning.Exclude {
		t.Errorf("%+v %+v", r, r.Size)
	}
	p := r.Routing
	if !p.NoFallbacks || !p.ZDR || !p.DenyDataCollection || p.Sort != "price" || !p.SortAcrossModels || p.MaxPrice["prompt"] != "1.5" || p.MinThroughput.P50 != 50 {
		t.Errorf("%+v", p)
	}
}

func TestConversation(t *testing.T) {
	r := decode(t, `{"model":"a/b","future_field":{"x":1},"messages":[
		{"role":"system","content":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
		{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}}]},
		{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig==","format":"anthropic-claude-v1","index":0}],
		 "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":""}}]},
		{"role":"tool","tool_call_id":"c1","content":"42"}]}`)
	c, err := r.Conversation()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Messages) != 4 || len(c.Extra) != 1 || c.Extra[0].Path != "future_field" {
		t.Fatalf("%+v", c)
	}
	if p := c.Messages[0].Parts[0]; p.Cache == nil || p.Cache.TTL != "1h" {
		t.Error("the cache mark is lost")
	}
	if m := c.Messages[1].Parts[0].Media; m.MIME != "image/png" || m.Data != "QQ==" || m.Detail != "low" {
		t.Errorf("%+v", m)
	}
	a := c.Messages[2].Parts
	if a[0].Reasoning.Signature != "sig==" || a[1].Call.Args != "{}" {
		t.Errorf("%+v", a)
	}
	if res := c.Messages[3].Parts[0].Result; res.Name != "f" || res.Parts[0].Text != "42" {
		t.Errorf("%+v", res)
	}
}

// TestMarkOfAMessage: the AI SDK's providers mark messages, not parts.
func TestMarkOfAMessage(t *testing.T) {
	for _, tc := range []struct {
		name, message, ttls string // ttls of the parts' marks, "-" for none
		extra               string
	}{
		{"words", `{"role":"user","content":"hi","cache_control":{"type":"ephemeral","ttl":"1h"}}`, "1h", ""},
		{"the last of two parts", `{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"cache_control":{"type":"ephemeral","ttl":"1h"}}`, "- 1h", ""},
		{"a part's own mark wins", `{"role":"user","content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"5m"}}],"cache_control":{"type":"ephemeral","ttl":"1h"}}`, "5m", ""},
		{"a call", `{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"cache_control":{"type":"ephemeral","ttl":"1h"}}`, "- 1h", ""},
		{"a result", `{"role":"tool","tool_call_id":"c","content":"42","cache_control":{"type":"ephemeral","ttl":"1h"}}`, "1h", ""},
		{"nothing to stand after", `{"role":"assistant","content":null,"reasoning":"hm","cache_control":{"type":"ephemeral"}}`, "-", "messages[0].cache_control"},
		{"unset", `{"role":"user","content":"hi","cache_control":null}`, "-", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := decode(t, `{"model":"a/b","messages":[`+tc.message+`]}`).Conversation()
			if err != nil {
				t.Fatal(err)
			}
			var ttls []string
			for _, p := range c.Messages[0].Parts {
				if p.Cache == nil {
					ttls = append(ttls, "-")
				} else {
					ttls = append(ttls, p.Cache.TTL)
				}
			}
			extra := ""
			for _, f := range c.Messages[0].Extra {
				extra += f.Path
			}
			if got := strings.Join(ttls, " "); got != tc.ttls || extra != tc.extra {
				t.Errorf("marks %q, not %q; left over %q, not %q", got, tc.ttls, extra, tc.extra)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{` + minimal + `}`))
	f.Add([]byte(`{"model":"a/b","messages":[{"role":"assistant","content":[{"type":"text","text":"x"}],"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Surface{}.DecodeRequest(dialect.Inbound{Body: b})
		if err != nil {
			if fault.Of(err) != fault.Invalid && fault.Of(err) != fault.Unbuilt {
				t.Fatalf("kind %v: %v", fault.Of(err), err)
			}
			return
		}
		_, _ = r.Conversation()
		call, _, err := (&Adapter{Quirks: Quirks{Strict: true, NoDeveloperRole: true, MaxTokens: "max_tokens"}}).EncodeRequest(r, dialect.Target{Model: "up"})
		if err != nil {
			t.Fatal(err)
		}
		var joined []byte
		for _, s := range call.Body {
			joined = append(joined, s...)
		}
		again, err := Surface{}.DecodeRequest(dialect.Inbound{Body: joined})
		if err != nil || again.Model != "up" {
			t.Fatalf("the edited request does not decode: %v\n%s\n%s", err, b, joined)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	small := []byte(`{"model":"a/b","messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"` + strings.Repeat("word ", 180) + `"}],"temperature":0.7}`)
	large := []byte(`{"model":"a/b","messages":[{"role":"user","content":"` + strings.Repeat(`Some prose with a line end.\n`, 7000) + `"}]}`)
	for name, body := range map[string][]byte{"1KB": small, "200KB": large} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := new(Adapter).EncodeRequest(r, dialect.Target{Model: "up"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package responses

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"reasoning","id":"r","summary":[],"encrypted_content":"e"},{"type":"function_call","call_id":"c","name":"f","arguments":"{"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"u"}]}],"tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"c"}]}],"text":{"format":{"type":"json_schema","schema":{}}}}`))
	f.Add([]byte(`{"model":"m","input":"x","include":["a"],"reasoning":{"effort":"low"},"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			if k := fault.As(err).Kind; k != fault.Invalid && k != fault.Unbuilt {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, from := range []llm.Dialect{llm.OpenAIResponses, llm.OpenAIChat} { // in place, and written anew
			r := *req
			r.From = from
			call, _, err := new(Adapter).EncodeRequest(&r, reasoner)
			if err != nil {
				continue
			}
			var all []byte
			for _, s := range call.Body {
				all = append(all, s...)
			}
			if !rawjson.Valid(all) {
				t.Fatalf("%s\nbecomes %s", body, all)
			}
		}
	})
}

// Whatever comes from an upstream, each client's answer ends once, as JSON.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(aStream), true)
	f.Add([]byte(`{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}],"usage":{"input_tokens":1,"output_tokens":1}}`), false)
	f.Fuzz(func(t *testing.T, body []byte, stream bool) {
		req := mustDecode(t, `{"model":"m","input":"x"}`)
		req.Stream = stream
		for _, from := range []llm.Dialect{llm.OpenAIChat, llm.OpenAIResponses} {
			w := Surface{}.Encode(req, &dialect.Answer{GenerationID: "gen-1"})
			evs, err := heardFrom(&llm.Request{From: from, Stream: stream}, string(body), stream)
			var out []byte
			for i := range evs {
				var e error
				if out, e = w.Event(out, &evs[i]); e != nil {
					out = w.Fail(out, fault.As(e))
					break
				}
			}
			if err == nil && (len(evs) == 0 || evs[len(evs)-1].Kind != llm.End) {
				t.Fatal("an answer without an end")
			}
			if !stream && err == nil && !rawjson.Valid(out) {
				t.Fatalf("%s", out)
			}
		}
	})
}

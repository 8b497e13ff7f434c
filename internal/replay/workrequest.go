package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A wish is a request for work as a client of one surface makes it.
type wish struct {
	path, contentType string
	body              []byte
	own               bool // the recorded request but for its model: the client speaks the upstream's wire
	stream            bool
}

// unwishable says why a surface has no words for a request or no place for its answer, ""
// when it has.
func unwishable(s Surface, x *Exchange, want *Product) string {
	switch {
	case x.Skip != "":
		return x.Skip
	case x.API == "writer.completions" && x.Stream:
		return "the host's stream is no completion's: events of a value and nothing else"
	case s == DrawnRouter && want.Failure == nil && want.addressed():
		return "an image by URL: OpenRouter's API has bytes alone, and the gateway would have asked for them"
	}
	return ""
}

// wishFor is the request that makes the gateway take the recorded path.
func wishFor(s Surface, x *Exchange, want *Product) (w *wish, err error) {
	model := workModel(x)
	root, err := parse(string(x.Request))
	if x.Request != nil && err != nil {
		return nil, fmt.Errorf("recorded request of %s: %w", x.Path, err)
	}
	w = &wish{contentType: "application/json", stream: x.Stream}
	switch s {
	case Embeddings, Embeddings64, GeminiEmbeds:
		err = w.embed(s, x, root, model)
	case Reranked:
		w.path = "/api/v1/rerank"
		err = w.recorded(x, root, model, func(p *rawjson.Patch) {
			for k := range root.Members() {
				if k.Is("top_k") { // Voyage's name for it
					p.Set(k, []byte(`"top_n"`))
				}
			}
		})
	case MessageCount:
		err = w.countMessages(x, root, model)
	case GeminiCount:
		w.path, w.body, w.own = "/v1beta/models/"+model+":countTokens", x.Request, true
	case Speech:
		w.path = "/api/v1/audio/speech"
		err = w.recorded(x, root, model, func(p *rawjson.Patch) {
			if !root.Get("response_format").Exists() && want.Sound != nil { // the API's own default is not the upstream's
				p.Append(root, "response_format", rawjson.AppendString(nil, want.Sound.format()))
			}
		})
	case Heard:
		w.path, w.own = "/api/v1/audio/transcriptions", true
		w.body, w.contentType, err = x.reform(model)
	case HeardJSON:
		w.path = "/api/v1/audio/transcriptions"
		w.body, err = x.spoken(model)
	case Drawn, DrawnRouter:
		err = w.draw(s, x, root, model)
	case Completed:
		w.path = "/api/v1/completions"
		err = w.complete(x, root, model)
	}
	return w, err
}

// recorded sends the recorded request with the model changed, and what edit says.
func (w *wish) recorded(x *Exchange, root rawjson.Node, model string, edit func(p *rawjson.Patch)) error {
	if root.Kind() != rawjson.Object {
		return fmt.Errorf("recorded request of %s is no JSON object", x.Path)
	}
	var p rawjson.Patch
	putMember(&p, root, "model", string(rawjson.AppendString(nil, model)))
	p.Remove(root, func(key rawjson.Node) bool { return key.Is("provider") || key.Is("models") || key.Is("route") })
	edit(&p)
	w.body, w.own = p.Apply(nil, root.Raw()), true
	return nil
}

func putMember(p *rawjson.Patch, root rawjson.Node, key, value string) {
	if n := root.Get(key); n.Exists() {
		p.Set(n, []byte(value))
	} else {
		p.Append(root, key, []byte(value))
	}
}

// marshal takes a request that was written anew.
func (w *wish) marshal(req map[string]any) (err error) {
	w.body, err = json.Marshal(req)
	return err
}

func (w *wish) complete(x *Exchange, root rawjson.Node, model string) error {
	if x.Request == nil {
		return w.marshal(map[string]any{"model": model, "prompt": "Hello", "stream": x.Stream})
	}
	return w.recorded(x, root, model, func(p *rawjson.Patch) {
		if x.Stream != root.Get("stream").Bool() && x.Status < 300 { // a source that has not kept it
			putMember(p, root, "stream", fmt.Sprint(x.Stream))
		}
	})
}

// countMessages takes the body of Anthropic's that Bedrock has in base64, or the texts of a
// Converse request.
func (w *wish) countMessages(x *Exchange, root rawjson.Node, model string) error {
	w.path = "/api/v1/messages/count_tokens"
	if x.Platform != "bedrock" {
		return w.recorded(x, root, model, func(*rawjson.Patch) {})
	}
	text := root.At("input", "invokeModel", "body")
	if !text.Exists() {
		return w.marshal(map[string]any{"model": model, "messages": converseTexts(root.At("input", "converse", "messages"))})
	}
	body, err := base64.StdEncoding.DecodeString(text.Str())
	if err != nil {
		return fmt.Errorf("recorded body of %s: %w", x.Path, err)
	}
	inner, err := parse(string(body))
	if err != nil {
		return fmt.Errorf("recorded body of %s: %w", x.Path, err)
	}
	err = w.recorded(x, inner, model, func(p *rawjson.Patch) {
		p.Remove(inner, func(key rawjson.Node) bool {
			return key.Is("anthropic_version") || key.Is("anthropic_beta") || key.Is("max_tokens")
		})
	})
	return err
}

func converseTexts(list rawjson.Node) (msgs []any) {
	for m := range list.Elems() {
		var blocks []map[string]any
		for b := range m.Get("content").Elems() {
			if t := b.Get("text"); t.Exists() {
				blocks = append(blocks, map[string]any{"type": "text", "text": t.Str()})
			} else if b.Get("cachePoint").Exists() && blocks != nil {
				blocks[len(blocks)-1]["cache_control"] = map[string]any{"type": "ephemeral"}
			}
		}
		msgs = append(msgs, map[string]any{"role": m.Get("role").Str(), "content": blocks})
	}
	return msgs
}

// draw goes to the surface's operation for what is recorded, with references where there are
// some.
func (w *wish) draw(s Surface, x *Exchange, root rawjson.Node, model string) error {
	router := strings.HasSuffix(x.Target, "/images")
	w.path = "/api/v1/images"
	edits := strings.HasSuffix(x.Target, "/edits") || root.Get("input_references").Exists()
	switch {
	case s == Drawn && edits:
		w.path = "/v1/images/edits"
	case s == Drawn:
		w.path = "/v1/images/generations"
	}
	if router == (s == DrawnRouter) {
		return w.recorded(x, root, model, func(*rawjson.Patch) {})
	}
	req := map[string]any{"model": model, "prompt": root.Get("prompt").Str()}
	for _, same := range []string{"n", "size", "quality"} {
		if v := root.Get(same); !v.IsNull() {
			req[same] = json.RawMessage(v.Raw())
		}
	}
	var refs []any
	for _, list := range []rawjson.Node{root.Get("images"), root.Get("input_references")} {
		for e := range list.Elems() {
			if s == Drawn {
				refs = append(refs, map[string]any{"image_url": imageURL(e)})
			} else {
				refs = append(refs, map[string]any{"type": "image_url", "image_url": map[string]any{"url": imageURL(e)}})
			}
		}
	}
	if refs != nil {
		req[map[bool]string{true: "images", false: "input_references"}[s == Drawn]] = refs
	}
	return w.marshal(req)
}

// imageURL is the URL of a reference in any vendor's shape.
func imageURL(e rawjson.Node) string {
	for _, n := range []rawjson.Node{e.At("image_url", "url"), e.Get("image_url"), e.Get("url")} {
		if s := n.Str(); s != "" {
			return s
		}
	}
	return ""
}

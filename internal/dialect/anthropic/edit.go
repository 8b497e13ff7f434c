package anthropic

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ours are members that speak to the gateway and never go upstream.
var ours = []string{"provider", "models", "fallbacks", "route", "preset", "session_id", "trace", "user", "plugins", "stop_server_tools_when"}

// hashed is what a provider learns of a user: the same for the same, and no name.
func hashed(user string) string {
	sum := sha256.Sum256([]byte(user))
	return hex.EncodeToString(sum[:])
}

// edit is a call with the client's own bytes. The declared edits: model, max_tokens where
// credit ends or the client set none, metadata.user_id, which is hashed; the members that are the
// gateway's own go, and so does thinking that the provider would refuse.
func edit(req *llm.Request, to dialect.Target, path string) (dialect.Call, []llm.Loss) {
	e := editor{req: req, to: &to}
	p := &e.patch
	root := req.Doc.Root()
	model := rawjson.AppendString(nil, to.Model)
	drop, named := false, false
	for k, v := range root.Members() {
		switch name := k.Str(); {
		case name == "model":
			named = true
			p.Set(v, model)
		case slices.Contains(ours, name):
			drop = true
			if name == "plugins" && !v.IsNull() {
				e.lose(name, "plugins are not built in this version")
			}
		case name == "metadata":
			if u := v.Get("user_id"); u.Kind() == rawjson.String {
				p.Set(u, rawjson.AppendString(nil, hashed(u.Str())))
			}
		case name == "max_tokens" && req.From == llm.Anthropic && !v.IsNull():
			if to.Clamp > 0 && req.MaxOutput > to.Clamp {
				p.Set(v, strconv.AppendInt(nil, to.Clamp, 10))
			}
		}
	}
	if drop {
		p.Remove(root, func(k rawjson.Node) bool { return slices.Contains(ours, k.Str()) })
	}
	if !named {
		p.Append(root, "model", model)
	}
	if limit := root.Get("max_tokens"); req.From == llm.Anthropic && limit.IsNull() {
		n := strconv.AppendInt(nil, claude.Limit(req, &to), 10)
		if limit.Exists() {
			p.Set(limit, n)
		} else {
			p.Append(root, "max_tokens", n)
		}
	}
	e.forget(root)
	h := dialect.JSON()
	h["Anthropic-Version"] = version
	for k, v := range req.Header {
		h[k] = v
	}
	return dialect.Call{Method: "POST", Path: path, Header: h, Body: p.Segments(req.Raw)}, e.losses
}

type editor struct {
	req    *llm.Request
	to     *dialect.Target
	patch  rawjson.Patch
	losses []llm.Loss
}

func (e *editor) lose(path, why string) {
	e.losses = append(e.losses, llm.Loss{Path: path, Why: why})
}

// forget takes thinking that the provider would refuse out of turns that say something else: what
// another vendor's model thought, and what has no signature where one is looked at. A turn that
// calls tools and has no thinking left cannot be thought on from.
func (e *editor) forget(root rawjson.Node) {
	strict := e.req.Watched || claude.Named(e.to.Model, "claude")
	bare := false
	turn := 0
	for m := range root.Get("messages").Elems() {
		content := m.Get("content")
		var gone []bool
		calls, thinks, i := false, false, 0
		for b := range content.Elems() {
			typ := b.Get("type")
			thought := typ.Is("thinking") || typ.Is("redacted_thinking")
			calls = calls || typ.Is("tool_use")
			switch {
			case !thought:
			case foreign(b) || strict && typ.Is("thinking") && b.Get("signature").StrLen() == 0:
				if gone == nil {
					gone = make([]bool, content.Len())
				}
				gone[i] = true
			default:
				thinks = true
			}
			i++
		}
		bare = bare && !(calls && thinks)
		if slices.Contains(gone, true) && slices.Contains(gone, false) {
			e.patch.Take(content, gone)
			e.lose(fmt.Sprintf("messages[%d].content", turn), "the reasoning is another model's or has no signature, and the provider does not take it back")
			bare = calls && !thinks
		}
		turn++
	}
	if t := root.Get("thinking"); bare && t.Get("type").Is("enabled") {
		e.patch.Set(t, []byte(`{"type":"disabled"}`))
		e.lose("thinking", claude.NotItsTurn)
	}
}

// foreign reports whether a block is what another vendor's model thought.
func foreign(b rawjson.Node) bool {
	return dialect.Packed(b.Get("signature").Bytes()) || dialect.Packed(b.Get("data").Bytes())
}

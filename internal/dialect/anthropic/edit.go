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
// credit ends or the client set none, metadata.user_id, which is hashed, and the members
// that are the gateway's own go. Where content filters look at answers, so does thinking whose
// signature they took away.
func edit(req *llm.Request, to dialect.Target, path string) (dialect.Call, []llm.Loss) {
	var p rawjson.Patch
	var losses []llm.Loss
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
				losses = append(losses, llm.Loss{Path: name, Why: "plugins are not built in this version"})
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
	if req.Watched {
		losses = append(losses, forget(&p, root)...)
	}
	h := dialect.JSON()
	h["Anthropic-Version"] = version
	for k, v := range req.Header {
		h[k] = v
	}
	return dialect.Call{Method: "POST", Path: path, Header: h, Body: p.Segments(req.Raw)}, losses
}

// forget takes thinking without a signature out of turns that say something else: the provider
// refuses it.
func forget(p *rawjson.Patch, root rawjson.Node) (losses []llm.Loss) {
	turn := 0
	for m := range root.Get("messages").Elems() {
		content := m.Get("content")
		var gone []bool
		for b := range content.Elems() {
			gone = append(gone, b.Get("type").Is("thinking") && b.Get("signature").StrLen() == 0)
		}
		if slices.Contains(gone, true) && slices.Contains(gone, false) {
			p.Take(content, gone)
			losses = append(losses, llm.Loss{Path: fmt.Sprintf("messages[%d].content", turn), Why: "the reasoning has no signature, without which the provider does not take it back"})
		}
		turn++
	}
	return losses
}

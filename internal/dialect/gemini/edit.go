package gemini

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ours are members that speak to the gateway and never go upstream. The model is in the
// path.
var ours = []string{"model", "provider", "models", "route", "preset", "session_id", "sessionId", "trace", "user", "plugins", "metadata"}

// edit is a call with the client's own bytes. The declared edits: members that are the
// gateway's own go, generationConfig.maxOutputTokens where credit ends, and signatures that
// are not Google's, which its models refuse.
func edit(req *llm.Request, to dialect.Target, method string) (dialect.Call, []llm.Loss) {
	e := editor{model: identify(to.Model)}
	root := req.Doc.Root()
	drop := false
	for k, v := range root.Members() {
		name := k.Str()
		switch {
		case slices.Contains(ours, name):
			drop = true
			if (name == "plugins" || name == "metadata") && !v.IsNull() {
				e.losses = append(e.losses, llm.Loss{Path: name, Why: "the provider has no such member"})
			}
		case spelled(k, "generateContentRequest"):
			if m := v.Get("model"); m.Exists() {
				e.patch.Set(m, rawjson.AppendString(nil, "models/"+to.Model))
			}
		case spelled(k, "contents"):
			e.signatures(v)
			if e.model.signs() {
				e.unsigned(v)
			}
		}
	}
	if drop {
		e.patch.Remove(root, func(k rawjson.Node) bool { return slices.Contains(ours, k.Str()) })
	}
	if to.Clamp > 0 && req.From == llm.Gemini && (req.MaxOutput == 0 || req.MaxOutput > to.Clamp) {
		e.clamp(root, to.Clamp)
	}
	return dialect.Call{
		Method: "POST",
		Path:   path(to.Model, method),
		Header: dialect.JSON(),
		Body:   e.patch.Segments(req.Raw),
	}, e.losses
}

type editor struct {
	model  model
	patch  rawjson.Patch
	losses []llm.Loss
}

// clamp sets the limit of output tokens. The contents stay, so that a member may be added.
func (e *editor) clamp(root rawjson.Node, most int64) {
	n := strconv.AppendInt(nil, most, 10)
	c := pick(root, "generationConfig")
	if c.Kind() != rawjson.Object {
		value := append(append([]byte(`{"maxOutputTokens":`), n...), '}')
		if c.Exists() {
			e.patch.Set(c, value)
		} else {
			e.patch.Append(root, "generationConfig", value)
		}
		return
	}
	if limit := pick(c, "maxOutputTokens"); limit.Exists() {
		e.patch.Set(limit, n)
	} else {
		e.patch.Append(c, "maxOutputTokens", n)
	}
}

// signatures replaces other vendors' blobs, which came from answers of other models: by
// the stand-in that Google documents for calls its model did not make, where the model
// wants signatures, and else by nothing. A thought that was there for its blob goes.
func (e *editor) signatures(contents rawjson.Node) {
	if !bytes.Contains(contents.Raw(), []byte(packedHead)) {
		return
	}
	for i, t := range several(contents) {
		parts := t.Get("parts")
		var gone []bool
		left := 0
		for j, p := range several(parts) {
			s := pick(p, "thoughtSignature")
			foreign := unpackSignature(s.Str()) != nil
			gone = append(gone, foreign && p.Get("thought").Bool() && p.Get("text").StrLen() == 0)
			if !gone[j] {
				left++
			}
			if foreign {
				e.losses = append(e.losses, llm.Loss{Path: dialect.Elem(dialect.Elem("contents", i)+".parts", j) + ".thoughtSignature",
					Why: "the reasoning is not this provider's own and cannot go back to it"})
			}
		}
		for j, p := range several(parts) {
			if s := pick(p, "thoughtSignature"); (!gone[j] || left == 0) && unpackSignature(s.Str()) != nil {
				e.sign(p, s)
			}
		}
		if left > 0 && left < len(gone) {
			e.patch.Take(parts, gone)
		}
	}
}

// unsigned puts the stand-in on the first call of each turn none of whose calls has a signature:
// another model made them, and the model refuses them as they are.
func (e *editor) unsigned(contents rawjson.Node) {
	for i, t := range several(contents) {
		first, at, signed := rawjson.Node{}, 0, false
		for j, p := range several(t.Get("parts")) {
			if pick(p, "functionCall").Kind() != rawjson.Object {
				continue
			}
			if !first.Exists() {
				first, at = p, j
			}
			signed = signed || pick(p, "thoughtSignature").StrLen() > 0
		}
		if first.Exists() && !signed && !pick(first, "thoughtSignature").Exists() {
			e.patch.Append(first, "thoughtSignature", []byte(`"`+standIn+`"`))
			e.losses = append(e.losses, llm.Loss{Path: dialect.Elem(dialect.Elem("contents", i)+".parts", at),
				Why: "the call has no thought signature of this provider; the model goes on without its earlier thoughts"})
		}
	}
}

func (e *editor) sign(part, signature rawjson.Node) {
	if e.model.signs() && !part.Get("thought").Bool() {
		e.patch.Set(signature, []byte(`"`+standIn+`"`))
		return
	}
	e.patch.Remove(part, func(k rawjson.Node) bool { return spelled(k, "thoughtSignature") })
}

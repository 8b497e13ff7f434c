package responses

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// editor edits a client's own bytes: see Adapter.
type editor struct {
	req    *llm.Request
	to     dialect.Target
	patch  rawjson.Patch
	losses []llm.Loss
}

// ours are members that speak to the gateway, beyond those of every operation.
var ours = map[string]string{
	"metadata": "the provider would take it only with a stored answer", "plugins": "plugins are not built in this version",
	"client_metadata": "", "image_config": "this provider's wire has no image settings", "cache_control": "this provider's wire has no automatic cache mark",
	"previous_response_id": "", "conversation": "", "background": "",
}

func (e *editor) edit() [][]byte {
	root := e.req.Doc.Root()
	for k, v := range root.Members() {
		name := k.Str()
		if why := ours[name]; why != "" && !v.IsNull() {
			e.losses = append(e.losses, llm.Loss{Path: name, Why: why})
		}
		switch name {
		case "store":
			if !v.Is("false") && !(v.Kind() == rawjson.Bool && !v.Bool()) {
				e.patch.Set(v, []byte("false"))
			}
		case "safety_identifier":
			if v.Kind() == rawjson.String {
				e.patch.Set(v, rawjson.AppendString(nil, openaichat.HashUser(v.Str())))
			}
		case "input":
			e.input(v)
		}
	}
	openaichat.EditHead(&e.patch, root, e.to.Model, func(name string) bool { _, drop := ours[name]; return drop })
	if !root.Get("store").Exists() {
		e.patch.Append(root, "store", []byte("false"))
	}
	e.limit(root)
	e.include(root)
	return e.patch.Segments(e.req.Raw)
}

func (e *editor) limit(root rawjson.Node) {
	if e.to.Clamp <= 0 || e.req.MaxOutput > 0 && e.req.MaxOutput <= e.to.Clamp {
		return
	}
	n := strconv.AppendInt(nil, e.to.Clamp, 10)
	if v := root.Get("max_output_tokens"); v.Exists() {
		e.patch.Set(v, n)
	} else {
		e.patch.Append(root, "max_output_tokens", n)
	}
}

// include asks for the reasoning that the client sends back: nothing is stored for it.
func (e *editor) include(root rawjson.Node) {
	v := root.Get("include")
	if !reasons(e.to) || bytes.Contains(v.Raw(), []byte(encryptedWanted)) {
		return
	}
	list := append([]byte{'['}, `"`+encryptedWanted+`"`...)
	for w := range v.Elems() {
		list = append(append(list, ','), w.Raw()...)
	}
	list = append(list, ']')
	if v.Exists() {
		e.patch.Set(v, list)
	} else {
		e.patch.Append(root, "include", list)
	}
}

// reasons reports whether an endpoint's model reasons: others refuse to be asked for it.
func reasons(to dialect.Target) bool { return to.Reasoning.Effort || to.Reasoning.Budget }

// input takes out the reasoning that means nothing to the provider.
func (e *editor) input(v rawjson.Node) {
	drop := false
	for it := range v.Elems() {
		drop = drop || meaningless(it)
	}
	if !drop {
		return
	}
	list, i := []byte{'['}, 0
	for it := range v.Elems() {
		if meaningless(it) {
			e.losses = append(e.losses, llm.Loss{Path: fmt.Sprintf("input[%d]", i), Why: "the reasoning is not this provider's own, or not encrypted, and nothing is stored that it could refer to"})
		} else {
			if len(list) > 1 {
				list = append(list, ',')
			}
			list = append(list, it.Raw()...)
		}
		i++
	}
	e.patch.Set(v, append(list, ']'))
}

func meaningless(it rawjson.Node) bool {
	if !it.Get("type").Is("reasoning") {
		return false
	}
	sealed := it.Get("encrypted_content")
	_, foreign := dialect.Unpack(sealed.Str())
	return foreign || sealed.StrLen() == 0
}

package openaichat

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls a compatible upstream. The zero Adapter is one that follows OpenAI's
// documentation and ignores what it does not know; Quirks say otherwise.
//
// The declared edits of a request: `model`; `stream_options.include_usage` is set when it
// streams; fields that are the gateway's own business are taken out; `user` is hashed;
// `reasoning` becomes `reasoning_effort`; a limit is set where credit ends. Of an answer:
// `usage` moves from its frames into one last chunk; `"usage":null` and
// `"system_fingerprint":null` go; `reasoning_content` is renamed `reasoning`; content
// given as an array of parts becomes a string; an unknown or missing finish_reason is
// normalised and kept as `native_finish_reason`; what strict clients refuse is put right:
// an id that is empty or changes, another `object`, tool calls without index, id or
// arguments as text, parallel calls under one index.
type Adapter struct{ Quirks Quirks }

// Dialect is llm.OpenAIChat.
func (*Adapter) Dialect() llm.Dialect { return llm.OpenAIChat }

// gatewayFields never go upstream: they speak to us.
var gatewayFields = map[string]bool{
	"provider": true, "models": true, "route": true, "preset": true, "session_id": true, "trace": true,
	"debug": true, "usage": true, "metadata": true, "include_reasoning": true,
	"structured_outputs": true, "stop_server_tools_when": true, "max_tool_calls": true,
}

// unbuilt are fields whose work the gateway would have to do itself and does not do yet.
var unbuilt = map[string]string{
	"plugins":            "plugins are not built in this version",
	"transforms":         "transforms are not built in this version",
	"cache_control":      "this provider's wire has no automatic cache mark",
	"x_search_filter":    "only xAI's own search takes it",
	"image_config":       "this provider's wire has no image settings",
	"reasoningEffort":    "not a field of this API; use reasoning_effort",
	"providerOptions":    "not a field of this API",
	"top_a":              "",
	"min_p":              "",
	"top_k":              "",
	"repetition_penalty": "",
}

// EncodeRequest edits the client's bytes in place when they are of this dialect, and else
// writes the canonical conversation. The error is a *fault.Error about the client's
// request, or a *dialect.Wants.
func (a *Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.OpenAIChat {
		return a.compose(req, to)
	}
	e := encoder{q: &a.Quirks, req: req, to: to, root: req.Doc.Root()}
	e.top()
	e.messages()
	e.limits()
	e.reasoning()
	if req.Stream && !a.Quirks.NoStreamOptions {
		e.includeUsage()
	}
	return dialect.Call{
		Method: "POST", Path: "/chat/completions",
		Header: dialect.JSON(),
		Body:   e.patch.Segments(req.Raw),
	}, e.losses, nil
}

type encoder struct {
	q      *Quirks
	req    *llm.Request
	to     dialect.Target
	root   rawjson.Node
	patch  rawjson.Patch
	losses []llm.Loss
	drop   []string // names of top-level members to take out
}

func (e *encoder) lose(path, why string) { e.losses = append(e.losses, llm.Loss{Path: path, Why: why}) }

// top goes once over the top-level members.
func (e *encoder) top() {
	for k, v := range e.root.Members() {
		name := field.Word(k)
		switch {
		case name == "model":
			e.patch.Set(v, rawjson.AppendString(nil, e.to.Model))
		case (name == "user" || name == "safety_identifier") && v.Kind() == rawjson.String && e.q.refusal(name) == "":
			e.patch.Set(v, rawjson.AppendString(nil, HashUser(v.Str())))
		case name == "reasoning":
			if !e.q.NativeReasoning {
				e.drop = append(e.drop, name)
			}
		case name == "reasoning_effort" && e.switchedOff():
			e.drop = append(e.drop, name)
		case name == "reasoning_effort": // see reasoning
		case name == "seed" && e.q.Seed != "":
			e.patch.Set(k, rawjson.AppendString(nil, e.q.Seed))
		case name == "stream_options" && !e.req.Stream: // OpenAI refuses it then; to this API it says nothing
			e.drop = append(e.drop, name)
		case gatewayFields[name]:
			e.drop = append(e.drop, name)
			if name == "metadata" && !v.IsNull() {
				e.lose(name, "the provider would take it only with a stored answer")
			}
		default:
			e.extra(name, v)
		}
	}
	if !e.root.Get("model").Exists() {
		e.patch.Append(e.root, "model", rawjson.AppendString(nil, e.to.Model))
	}
	if len(e.drop) > 0 {
		e.patch.Remove(e.root, func(k rawjson.Node) bool {
			for _, d := range e.drop {
				if k.Is(d) {
					return true
				}
			}
			return false
		})
	}
}

// extra decides on a field that is neither OpenAI's core nor ours alone. An unset option that
// goes is no loss.
func (e *encoder) extra(name string, v rawjson.Node) {
	why, listed := unbuilt[name]
	switch {
	case listed && why != "" && !e.q.KeepsGatewayExtra:
	case e.q.unsampled(name, &e.to):
		why = notTaken
		if f, ok := v.Float(); ok && f == sampled[name] {
			why = ""
		}
	default:
		if why = e.q.refusal(name); why == "" {
			return
		}
	}
	e.drop = append(e.drop, name)
	if why != "" && !v.IsNull() {
		e.lose(name, why)
	}
}

// openAIFields are the members of OpenAI's own request (platform.openai.com, API
// reference, "Create chat completion").
var openAIFields = set("messages", "model", "audio", "frequency_penalty", "logit_bias", "logprobs",
	"max_completion_tokens", "max_tokens", "modalities", "n", "parallel_tool_calls", "prediction",
	"presence_penalty", "prompt_cache_key", "prompt_cache_options", "reasoning_effort", "response_format", "safety_identifier", "seed",
	"service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
	"top_logprobs", "top_p", "user", "verbosity", "web_search_options", "functions", "function_call")

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// limits renames and clamps the output limit. Of two, both say what was held for: the provider
// may know either.
func (e *encoder) limits() {
	old, cur := e.root.Get("max_tokens"), e.root.Get("max_completion_tokens")
	name := "max_tokens"
	if e.q.MaxTokens != "" {
		name = e.q.MaxTokens
	}
	limit := e.req.MaxOutput
	if e.to.Clamp > 0 && (limit == 0 || limit > e.to.Clamp) {
		limit = e.to.Clamp
	}
	for _, v := range []struct {
		name string
		node rawjson.Node
	}{{"max_tokens", old}, {"max_completion_tokens", cur}} {
		if v.node.IsNull() {
			continue
		}
		if said, _ := field.Whole(v.name, v.node, 1, 1<<31); said != limit {
			e.patch.Set(v.node, strconv.AppendInt(nil, limit, 10))
		}
		if e.q.MaxTokens != "" && v.name != e.q.MaxTokens && (old.IsNull() || cur.IsNull()) {
			e.rename(v.name, e.q.MaxTokens)
		}
	}
	if old.IsNull() && cur.IsNull() && limit > 0 {
		e.patch.Append(e.root, name, strconv.AppendInt(nil, limit, 10))
	}
}

func (e *encoder) rename(from, to string) {
	for k := range e.root.Members() {
		if k.Is(from) {
			e.patch.Set(k, rawjson.AppendString(nil, to))
		}
	}
}

const ownSummary = "the provider decides how it tells what it thought"

// switchedOff reports whether reasoning is off by the provider's own switch.
func (e *encoder) switchedOff() bool {
	list, _ := e.q.switches(e.req.Reasoning)
	return list != nil && e.req.Reasoning.Off()
}

// reasoning writes the unified reasoning request as an effort word (reference §4.7).
func (e *encoder) reasoning() {
	r := e.req.Reasoning
	said := e.root.Get("reasoning_effort")
	if r == nil || e.q.NativeReasoning {
		return
	}
	if r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", ownSummary)
	}
	to := e.to
	to.Reasoning.Effort = to.Reasoning.Effort || !said.IsNull() // who says a word is believed
	ask := e.q.asks(r, e.req.MaxOutput, to)
	for _, m := range ask.switches {
		if !e.root.Get(m.name).Exists() {
			e.patch.Append(e.root, m.name, []byte(m.json))
		}
	}
	if ask.lost != "" {
		e.lose("reasoning", ask.lost)
	}
	word := rawjson.AppendString(nil, ask.effort)
	switch {
	case ask.effort == "" || string(word) == string(said.Raw()):
	case !said.Exists():
		e.patch.Append(e.root, "reasoning_effort", word)
	default:
		e.patch.Set(said, word)
	}
}

func (e *encoder) includeUsage() {
	o := e.root.Get("stream_options")
	switch v := o.Get("include_usage"); {
	case v.Bool():
	case v.Exists():
		e.patch.Set(v, []byte("true"))
	case o.Kind() == rawjson.Object:
		e.patch.Append(o, "include_usage", []byte("true"))
	case o.Exists():
		e.patch.Set(o, []byte(`{"include_usage":true}`))
	default:
		e.patch.Append(e.root, "stream_options", []byte(`{"include_usage":true}`))
	}
}

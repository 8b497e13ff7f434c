package anthropic

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
)

// sampling writes what steers the choice of tokens. While it thinks the model takes
// little of it (https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking),
// and one that decides on its thinking itself nothing at all.
func (e *encoder) sampling() {
	if claude.AdaptiveOnly(&e.to) {
		e.unsampled()
	} else {
		e.temperature()
		e.topP()
		e.topK()
	}
	dialect.Stops(&e.w, "stop_sequences", e.conv.Stop, e.lose)
}

const whileThinking = "the provider does not take it while the model thinks"

// unsampled reports what was asked for beyond the defaults.
func (e *encoder) unsampled() {
	const why = "the model takes no sampling parameters"
	if t := e.conv.Temperature; t != nil && *t != 1 {
		e.lose("temperature", why)
	}
	if p := e.conv.TopP; p != nil && *p != 1 {
		e.lose("top_p", why)
	}
	if k := e.conv.TopK; k != nil && *k > 0 {
		e.lose("top_k", why)
	}
}

func (e *encoder) temperature() {
	switch t := e.conv.Temperature; {
	case t == nil:
	case e.think.On() && *t != 1:
		e.lose("temperature", whileThinking)
	case *t > 1:
		e.lose("temperature", "the provider's range ends at 1, which was sent")
		e.w.Key("temperature").Word("1")
	default:
		e.w.Key("temperature").Float(max(*t, 0))
	}
}

func (e *encoder) topP() {
	switch p := e.conv.TopP; {
	case p == nil:
	case e.think.On() && *p < .95:
		e.lose("top_p", whileThinking)
	case e.conv.Temperature == nil:
		e.w.Key("top_p").Float(*p)
	case *p != 1: // 1 is no limit
		e.lose("top_p", "the provider takes temperature or top_p, not both")
	}
}

func (e *encoder) topK() {
	switch k := e.conv.TopK; {
	case k == nil || *k <= 0: // 0 is no limit
	case e.think.On():
		e.lose("top_k", whileThinking)
	default:
		e.w.Key("top_k").Int(*k)
	}
}

// outputConfig writes the shape of the answer and the effort to spend on it.
func (e *encoder) outputConfig() {
	at := len(e.w.B)
	e.w.Key("output_config").Open('{')
	empty := len(e.w.B)
	if effort := e.outputEffort(); effort != "" {
		e.w.Key("effort").Str(effort)
	}
	switch f := e.conv.Format; {
	case f.Kind == "" || f.Kind == "text":
	case f.Kind == "json_schema" && f.Schema != nil:
		e.w.Key("format").Open('{')
		e.w.Key("type").Str("json_schema")
		e.w.Key("schema").Raw(f.Schema)
		e.w.Close('}')
	case f.Kind == "json_schema" || f.Kind == "json_object":
		e.lose("response_format", "the provider holds answers to a JSON Schema only; send json_schema with a schema")
	default:
		e.lose("response_format", "the provider has no such format")
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close('}')
}

// outputEffort is what verbosity asks for, else the effort of adaptive thinking: the wire
// has one word for both, and verbosity is the more particular wish.
func (e *encoder) outputEffort() string {
	v, s := e.conv.Verbosity, e.to.Reasoning
	switch {
	case v == "":
		return e.think.Effort
	case !s.Effort && !s.Adaptive && (s.Budget || !claude.Thinks(&e.to)):
		e.lose("verbosity", "the model takes no effort")
		return ""
	}
	effort := claude.Nearest(v, e.to.Reasoning.Efforts)
	if e.think.Effort != "" && e.think.Effort != effort {
		e.lose("reasoning.effort", "the provider takes one effort for reasoning and answer; that of verbosity was sent")
	}
	return effort
}

package bedrock

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// inference writes what steers the choice of tokens for every model.
func (e *encoder) inference() {
	at := len(e.w.B)
	e.w.Key("inferenceConfig").Open('{')
	empty := len(e.w.B)
	if e.maxTokens > 0 {
		e.w.Key("maxTokens").Int(e.maxTokens)
	}
	if t := e.temperature(); t >= 0 {
		e.w.Key("temperature").Float(t)
	}
	if p := e.topP(); p >= 0 {
		e.w.Key("topP").Float(p)
	}
	dialect.Stops(&e.w, "stopSequences", e.conv.Stop, e.lose)
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close('}')
}

const (
	whileThinking = "the provider does not take it while the model thinks"
	unsampled     = "the model takes no sampling parameters"
)

// temperature is the one to send, −1 for none.
func (e *encoder) temperature() float64 {
	switch t := e.conv.Temperature; {
	case t == nil:
	case e.thinks() && *t != 1:
		e.lose("temperature", whileThinking)
	case e.family == claudeFamily && claude.AdaptiveOnly(&e.to):
		if *t != 1 {
			e.lose("temperature", unsampled)
		}
	case *t > 1:
		e.lose("temperature", "the provider's range ends at 1, which was sent")
		return 1
	default:
		return max(*t, 0)
	}
	return -1
}

// topP is the one to send, −1 for none.
func (e *encoder) topP() float64 {
	switch p := e.conv.TopP; {
	case p == nil:
	case e.thinks() && *p < .95:
		e.lose("top_p", whileThinking)
	case e.family == claudeFamily && claude.AdaptiveOnly(&e.to):
		if *p != 1 {
			e.lose("top_p", unsampled)
		}
	case e.family != claudeFamily || e.conv.Temperature == nil:
		return *p
	case *p != 1: // 1 is no limit
		e.lose("top_p", "the model takes temperature or top_p, not both")
	}
	return -1
}

// thinks reports whether reasoning is on in a model that then takes no sampling.
func (e *encoder) thinks() bool { return e.think.On() && e.family == claudeFamily }

// additional writes what only one family of models knows, and what the client sends of
// it itself: that is the more particular wish.
func (e *encoder) additional() {
	at := len(e.w.B)
	e.w.Key(additionalFields).Open('{')
	empty := len(e.w.B)
	own := e.ownAdditional()
	e.thinking(own)
	e.topK(own)
	if b := e.betas(); len(b) > 0 && !own["anthropic_beta"] {
		e.w.Key("anthropic_beta").Strs(b)
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close('}')
}

// ownAdditional writes the client's additional fields and tells their names.
func (e *encoder) ownAdditional() map[string]bool {
	own := map[string]bool{}
	for _, f := range e.conv.Extra {
		if !isAdditional(f.Path) {
			continue
		}
		var d rawjson.Doc
		if d.Parse(f.Value) != nil || d.Root().Kind() != rawjson.Object || len(own) > 0 {
			e.lose(f.Path, "it must be one object")
			continue
		}
		for k, v := range d.Root().Members() {
			if name := k.Str(); !own[name] {
				own[name] = true
				e.w.B = append(rawjson.AppendString(e.w.Elem().B, name), ':')
				e.w.Raw(v.Raw())
			}
		}
	}
	return own
}

func (e *encoder) topK(own map[string]bool) {
	k := e.conv.TopK
	if k == nil || *k <= 0 { // 0 is no limit
		return
	}
	switch {
	case e.thinks():
		e.lose("top_k", whileThinking)
	case e.family == claudeFamily && claude.AdaptiveOnly(&e.to):
		e.lose("top_k", unsampled)
	case e.family == claudeFamily && !own["top_k"]:
		e.w.Key("top_k").Int(*k)
	case (e.family == nova || e.family == nova2) && !own["inferenceConfig"]:
		e.w.Key("inferenceConfig").Open('{')
		e.w.Key("topK").Int(*k)
		e.w.Close('}')
	default:
		e.lose("top_k", "the model has no such parameter")
	}
}

// outputConfig writes the shape of the answer
// (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
func (e *encoder) outputConfig() {
	switch f := e.conv.Format; {
	case f.Kind == "" || f.Kind == "text":
	case f.Kind == "json_schema" && f.Schema != nil:
		e.w.Key("outputConfig").Open('{')
		e.w.Key("textFormat").Open('{')
		e.w.Key("type").Str("json_schema")
		e.w.Key("structure").Open('{')
		e.w.Key("jsonSchema").Open('{')
		if f.Name != "" {
			e.w.Key("name").Str(f.Name)
		}
		if f.Description != "" {
			e.w.Key("description").Str(f.Description)
		}
		e.w.Key("schema").Str(string(f.Schema))
		e.w.Word("}}}}")
	case f.Kind == "json_schema" || f.Kind == "json_object":
		e.lose("response_format", "the provider holds answers to a JSON Schema only; send json_schema with a schema")
	default:
		e.lose("response_format", "the provider has no such format")
	}
}

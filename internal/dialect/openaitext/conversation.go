package openaitext

import (
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// headFields are read by DecodeRequest and acted on by the gateway or the encoder.
var headFields = map[string]bool{
	"model": true, "models": true, "stream": true, "stream_options": true, "max_tokens": true, "n": true, "provider": true, "route": true,
	"reasoning": true, "user": true, "session_id": true, "prompt_cache_key": true, "service_tier": true, "structured_outputs": true, "trace": true,
	"prompt": true, "echo": true, "usage": true,
}

// only refuses what no conversation can say. An endpoint that has completions itself may
// take it, so the next one is tried.
func only(param, public string) error {
	return &fault.Error{Kind: fault.Refused, Status: 400, Param: param, Public: public}
}

// conversation builds the canonical form of a request that DecodeRequest has checked: the
// prompt is the one message of the user.
func conversation(root rawjson.Node) (*llm.Conversation, error) {
	prompt := root.Get("prompt")
	text, ok := single(prompt)
	switch {
	case !ok && prompt.Len() > 1 && first(prompt).Kind() == rawjson.String:
		return nil, only("prompt", "The provider answers one prompt a request; send each in a request of its own")
	case !ok:
		return nil, only("prompt", "The provider takes text and no token numbers; send the prompt as a string")
	}
	if v := root.Get("max_tokens"); !v.IsNull() && v.Int64() == 0 {
		return nil, only("max_tokens", "The provider cannot answer with nothing; send a max_tokens of at least 1")
	}
	c := &llm.Conversation{Messages: []llm.Message{{Role: llm.User, Path: "prompt", Parts: []llm.Part{{Kind: llm.TextPart, Text: text, Path: "prompt"}}}}}
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		name := k.Str()
		if set := setters[name]; set != nil {
			set(c, v)
		} else if !headFields[name] {
			if name == "best_of" && v.Int64() <= max(root.Get("n").Int64(), 1) {
				continue // as many as are wanted: none is left out
			}
			c.Extra = append(c.Extra, llm.Field{Path: name, Value: v.Raw()})
		}
	}
	return c, nil
}

func first(v rawjson.Node) rawjson.Node {
	for e := range v.Elems() {
		return e
	}
	return rawjson.Node{}
}

// setters read the parameters that completions share with conversations.
var setters = map[string]func(*llm.Conversation, rawjson.Node){
	"temperature":        func(c *llm.Conversation, v rawjson.Node) { c.Temperature = float(v) },
	"top_p":              func(c *llm.Conversation, v rawjson.Node) { c.TopP = float(v) },
	"min_p":              func(c *llm.Conversation, v rawjson.Node) { c.MinP = float(v) },
	"top_a":              func(c *llm.Conversation, v rawjson.Node) { c.TopA = float(v) },
	"frequency_penalty":  func(c *llm.Conversation, v rawjson.Node) { c.FrequencyPenalty = float(v) },
	"presence_penalty":   func(c *llm.Conversation, v rawjson.Node) { c.PresencePenalty = float(v) },
	"repetition_penalty": func(c *llm.Conversation, v rawjson.Node) { c.RepetitionPenalty = float(v) },
	"top_k":              func(c *llm.Conversation, v rawjson.Node) { c.TopK = integer(v) },
	"seed":               func(c *llm.Conversation, v rawjson.Node) { c.Seed = integer(v) },
	"logit_bias":         func(c *llm.Conversation, v rawjson.Node) { c.LogitBias = v.Raw() },
	"metadata":           func(c *llm.Conversation, v rawjson.Node) { c.Metadata = v.Raw() },
	"logprobs": func(c *llm.Conversation, v rawjson.Node) {
		c.Logprobs, c.TopLogprobs = true, integer(v)
	},
	"stop": func(c *llm.Conversation, v rawjson.Node) {
		if v.Kind() == rawjson.String {
			c.Stop = []string{v.Str()}
		}
		for s := range v.Elems() {
			c.Stop = append(c.Stop, s.Str())
		}
	},
	"response_format": func(c *llm.Conversation, v rawjson.Node) {
		s := v.Get("json_schema")
		c.Format = llm.Format{Kind: v.Get("type").Str(), Raw: v.Raw(), Name: s.Get("name").Str(), Description: s.Get("description").Str()}
		if schema := s.Get("schema"); schema.Kind() == rawjson.Object {
			c.Format.Schema = schema.Raw()
		}
		if strict := s.Get("strict"); strict.Kind() == rawjson.Bool {
			on := strict.Bool()
			c.Format.Strict = &on
		}
	},
}

func float(v rawjson.Node) *float64 { f, _ := v.Float(); return &f }
func integer(v rawjson.Node) *int64 { n := v.Int64(); return &n }

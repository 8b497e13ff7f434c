package openaichat

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// limit writes the output limit, inside what the endpoint can and the credit allows.
func (c *composer) limit() {
	n := c.req.MaxOutput
	if n > 0 && c.to.MaxOutput > 0 {
		n = min(n, c.to.MaxOutput)
	}
	if c.to.Clamp > 0 && (n == 0 || n > c.to.Clamp) {
		n = c.to.Clamp
	}
	if n > 0 {
		c.w.Key(firstOf(c.q.MaxTokens, "max_tokens")).Int(n)
	}
}

// maxStops is how many stop sequences the API takes.
const maxStops = 4

// sampling writes what steers the choice of tokens.
func (c *composer) sampling() {
	v := c.conv
	if c.req.Choices > 1 && c.takes("n") {
		c.w.Key("n").Int(c.req.Choices)
	}
	c.float("temperature", v.Temperature)
	c.float("top_p", v.TopP)
	c.float("min_p", v.MinP)
	c.float("top_a", v.TopA)
	c.float("frequency_penalty", v.FrequencyPenalty)
	c.float("presence_penalty", v.PresencePenalty)
	c.float("repetition_penalty", v.RepetitionPenalty)
	if v.TopK != nil && c.takes("top_k") {
		c.w.Key("top_k").Int(*v.TopK)
	}
	if v.Seed != nil && c.takes("seed") {
		c.w.Key(firstOf(c.q.Seed, "seed")).Int(*v.Seed)
	}
	if stops := v.Stop; len(stops) > 0 && c.takes("stop") {
		if len(stops) > maxStops {
			c.lose("stop", "the provider takes 4 stop sequences; the first ones were sent")
			stops = stops[:maxStops]
		}
		c.w.Key("stop").Strs(stops)
	}
	if v.Logprobs && c.takes("logprobs") {
		c.w.Key("logprobs").Word("true")
		if v.TopLogprobs != nil {
			c.w.Key("top_logprobs").Int(*v.TopLogprobs)
		}
	}
	c.raw("logit_bias", v.LogitBias)
}

func (c *composer) float(name string, v *float64) {
	if v == nil || c.q.unsampled(name, &c.to) && *v == sampled[name] {
		return // it says nothing
	}
	if c.takes(name) {
		c.w.Key(name).Float(*v)
	}
}

func (c *composer) raw(name string, v []byte) {
	if v != nil && c.takes(name) {
		c.w.Key(name).Raw(v)
	}
}

func (c *composer) str(name, v string) {
	if v != "" && c.takes(name) {
		c.w.Key(name).Str(v)
	}
}

// reasoning writes how much to think, in the provider's own way.
func (c *composer) reasoning() {
	r := c.req.Reasoning
	if r == nil {
		return
	}
	if r.Summary != "" && r.Summary != "auto" && !c.q.NativeReasoning {
		c.lose("reasoning.summary", ownSummary)
	}
	if c.q.NativeReasoning {
		c.w.Key("reasoning").Open('{')
		switch {
		case r.Effort != "":
			c.w.Key("effort").Str(r.Effort)
		case r.MaxTokens > 0:
			c.w.Key("max_tokens").Int(r.MaxTokens)
		case r.Enabled != nil:
			c.w.Key("enabled").Word(strconv.FormatBool(*r.Enabled))
		}
		if r.Summary != "" {
			c.w.Key("summary").Str(r.Summary)
		}
		c.w.Close('}')
		return
	}
	ask := c.q.asks(r, c.req.MaxOutput, c.to)
	for _, m := range ask.switches {
		c.w.Key(m.name).Word(m.json)
	}
	if ask.effort != "" {
		c.str("reasoning_effort", ask.effort)
	}
	if ask.lost != "" {
		c.lose("reasoning", ask.lost)
	}
}

// format writes the demanded shape of the answer.
func (c *composer) format() {
	f := &c.conv.Format
	switch f.Kind {
	case "", "text":
	case "json_object":
		if c.takes("response_format") {
			c.w.Key("response_format").Word(`{"type":"json_object"}`)
		}
	case "json_schema":
		if f.Schema == nil {
			c.lose("response_format", "the schema is missing")
			return
		}
		if !c.takes("response_format") {
			return
		}
		c.w.Key("response_format").Word(`{"type":"json_schema","json_schema":{`)
		c.w.Key("name").Str(firstOf(f.Name, "answer"))
		if f.Description != "" {
			c.w.Key("description").Str(f.Description)
		}
		c.w.Key("schema").Raw(f.Schema)
		if f.Strict != nil {
			c.w.Key("strict").Word(strconv.FormatBool(*f.Strict))
		}
		c.w.Word("}}")
	default:
		c.lose("response_format", "the provider has no such format")
	}
}

// tiers are other APIs' words for the tiers of this one.
var tiers = map[string]string{"standard": "default", "standard_only": "default"}

// rest writes what is neither sampling nor tools.
func (c *composer) rest() {
	v := c.conv
	if tier := c.req.ServiceTier; tier != "" {
		c.str("service_tier", firstOf(tiers[tier], tier))
	}
	if word := v.Verbosity; word != "" {
		if word == "xhigh" || word == "max" {
			word = "high"
			c.lose("verbosity", "the provider's highest is high, which was sent")
		}
		c.str("verbosity", word)
	}
	c.str("prompt_cache_key", c.req.CacheKey)
	if c.req.User != "" && c.takes("user") { // never sent raw
		c.w.Key("user").Str(HashUser(c.req.User))
	}
	if len(v.Modalities) > 0 && (len(v.Modalities) > 1 || v.Modalities[0] != "text") && c.takes("modalities") {
		c.w.Key("modalities").Strs(v.Modalities)
	}
	c.raw("audio", v.Audio)
	c.raw("prediction", v.Prediction)
	if v.Metadata != nil {
		c.lose("metadata", "the provider would take it only with a stored answer")
	}
	if v.CacheAll != nil {
		if c.q.CacheMarks {
			c.cacheControl(v.CacheAll)
		} else {
			c.unmarked(&llm.Part{Cache: v.CacheAll})
		}
	}
	for _, f := range v.Extra {
		c.lose(f.Path, dialect.NoParameter)
	}
}

package bedrock

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// planThinking decides on reasoning and on the output limit, which must exceed a budget.
func (e *encoder) planThinking() {
	if e.family != claudeFamily && (e.req.MaxOutput > 0 || e.to.Clamp > 0) {
		e.maxTokens = claude.Limit(e.req, &e.to)
	}
	r := e.req.Reasoning
	switch {
	case e.family == claudeFamily:
		e.think, e.maxTokens = claude.Plan(e.req, e.conv, &e.to, e.lose)
	case r.Off() && e.family == gptOSS:
		e.lose("reasoning", "the model always thinks")
	case r.Off(), !r.On():
	case e.family == nova2, e.family == gptOSS, e.family == qwen:
		e.think = claude.Thinking{Kind: "enabled", Effort: e.threeWords(r)}
	default:
		e.lose("reasoning", "the model has no setting for reasoning")
	}
	if r != nil && r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", "the provider chooses the detail of reasoning summaries")
	}
}

// threeWords is the effort for models that know low, medium and high.
func (e *encoder) threeWords(r *llm.Reasoning) string {
	if r.MaxTokens > 0 {
		e.lose("reasoning.max_tokens", "the model takes an effort, not a budget; the nearest effort was sent")
	}
	want := claude.Wanted(r, max(e.maxTokens, claude.UnknownLimit))
	if want == "xhigh" || want == "max" {
		return "high"
	}
	return want
}

// thinking writes the additional fields by which a family reasons, but for what the client
// has written itself.
func (e *encoder) thinking(own map[string]bool) {
	t := e.think
	if t.Kind == "" || own["thinking"] || own["reasoning_config"] || own["reasoningConfig"] || own["reasoning_effort"] {
		return
	}
	switch e.family {
	case claudeFamily:
		t.Write(&e.w, e.req.Reasoning != nil && e.req.Reasoning.Exclude)
		if t.Effort != "" && !own["output_config"] {
			e.w.Key("output_config").Open('{')
			e.w.Key("effort").Str(t.Effort)
			e.w.Close('}')
		}
	case nova2: // https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
		e.w.Key("reasoningConfig").Open('{')
		e.w.Key("type").Str("enabled")
		e.w.Key("maxReasoningEffort").Str(t.Effort)
		e.w.Close('}')
	case gptOSS:
		e.w.Key("reasoning_effort").Str(t.Effort)
	case qwen:
		e.w.Key("reasoning_config").Str(t.Effort)
	}
}

// betas are what a client asks of Anthropic's models by a header.
func (e *encoder) betas() (list []string) {
	if e.family != claudeFamily {
		return nil
	}
	return splitBetas(e.req.Header["Anthropic-Beta"])
}

func splitBetas(headers []string) (list []string) {
	for _, h := range headers {
		for b := range strings.SplitSeq(h, ",") {
			if b = strings.TrimSpace(b); b != "" && !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
	}
	return list
}

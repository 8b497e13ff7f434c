package replay

// Rules are one host's deviations from its wire, as far as reading an answer depends on
// them. Quirks are the names under which the gateway's configuration knows them.
type Rules struct {
	ReasoningOutside bool // completion_tokens excludes reasoning_tokens
	ReasoningInTotal bool // total_tokens alone counts the reasoning
	NoDone           bool // a stream ends after its finish reason, without [DONE]
	Quirks           []string
}

// noDone marks hosts whose streams just end.
var noDone = Rules{NoDone: true, Quirks: []string{"no-done"}}

// done marks hosts that are known to end every stream with [DONE].
var done = Rules{Quirks: []string{"always-done"}}

// rules by api; an api that is not here follows its wire.
var rules = map[string]Rules{
	"xai.chat":        {ReasoningOutside: true, Quirks: done.Quirks}, // the gateway tells it by the total
	"gemini.chat":     {ReasoningInTotal: true},
	"perplexity.chat": noDone,
	"writer.chat":     noDone,
	"gpustack.chat":   noDone,
	"alibaba.chat":    done, "cerebras.chat": done, "deepseek.chat": done, "groq.chat": done,
	"mistral.chat": done, "moonshotai.chat": done, "openai.chat": done, "openrouter.chat": done, "together.chat": done, "zai.chat": done,
	"azure.responses": {NoDone: true}, // DeepSeek there answers in chat chunks that just end
}

func rulesOf(api string) Rules { return rules[api] }

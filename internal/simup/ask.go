package simup

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// An ask is what a request wants, in whichever dialect it came. Nodes and byte slices in
// it belong to the request's body.
type ask struct {
	seed     uint64
	provider *Provider
	model    *Model
	version  string // the anthropic-version header

	counting     bool // only the prompt is looked at
	thoughtParts bool // Cohere's content of type thinking
	stream       bool
	array        bool // a Gemini stream without alt=sse
	includeUsage bool // OpenAI's stream_options.include_usage
	pad          bool // OpenAI's obfuscation

	prompt   prompt
	question string // text of the last user message that has any
	result   string // text of the tool results the request ends with
	answers  bool   // the request ends with tool results
	results  int    // of tools, in the whole request

	tools  []tool
	choice choice
	single bool // no parallel calls

	schema       rawjson.Node // the answer must fit; zero is free text
	json         bool         // the answer must be JSON
	think        bool
	showThoughts bool // Gemini's includeThoughts, a summary of Responses
	sealed       bool // reasoning.encrypted_content of Responses

	limit    int64 // tokens of output; 0 none
	stops    []string
	n        int // choices
	logprobs bool
	top      int // alternatives per token

	directive directive
}

// A tool is one that the request offers.
type tool struct {
	name   string
	schema rawjson.Node // of its arguments
}

// A choice is what the request says about tools.
type choice struct {
	never, must bool
	only        string // the tool it must be; "" any
}

// maxChoices is OpenAI's limit for n.
const maxChoices = 128

// finish completes an ask that a dialect has decoded, with the checks they all share.
func (a *ask) finish() *refusal {
	if a.n == 0 {
		a.n = 1
	}
	if a.prompt.images > 0 && !a.model.Vision {
		return invalid("This model does not support image input.")
	}
	if len(a.tools) > 0 && !a.model.Tools {
		return invalid("This model does not support tools.").at("tools", "unsupported_parameter")
	}
	a.think = a.think && a.model.Reasoning
	d, err := parseDirective(a.question)
	if err != nil {
		return invalid("simulator: " + err.Error())
	}
	if a.answers { // the fault was for the turn before
		d.fault, d.set = Fault{}, false
	}
	a.directive = d
	return nil
}

// calls is which tools to call: none, or one for each call in order.
func (a *ask) calls() []tool {
	if len(a.tools) == 0 || a.choice.never {
		return nil
	}
	asked := 0
	if !a.answers {
		asked = a.directive.tools
	}
	picked := a.picked()
	if len(picked) == 0 && (a.choice.must || asked > 0) {
		picked, asked = a.tools, max(asked, 1)
	}
	if asked > 0 && len(picked) > 0 {
		from := picked
		picked = nil
		for i := range asked {
			picked = append(picked, from[i%len(from)])
		}
	}
	if a.single && len(picked) > 1 {
		picked = picked[:1]
	}
	return picked[:min(len(picked), maxCalls)]
}

// picked are the tools that the request names: the forced one, or those that the last
// message mentions.
func (a *ask) picked() (out []tool) {
	for _, t := range a.tools {
		forced := a.choice.only == t.name
		mentioned := a.choice.only == "" && !a.answers && strings.Contains(a.question, t.name)
		if t.name != "" && (forced || mentioned) {
			out = append(out, t)
		}
	}
	return out
}

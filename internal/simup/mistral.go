package simup

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// mistral is api.mistral.ai/v1/chat/completions: chat completions with fewer members, ids of
// calls of a form of their own, and thoughts that are parts of the content.
type mistral struct{ openAI }

func (mistral) name() string { return "mistral" }

// mistralMembers are what a request may hold: the real service refuses anything else.
var mistralMembers = strings.Fields("model messages tools tool_choice parallel_tool_calls stream temperature top_p max_tokens stop random_seed response_format presence_penalty frequency_penalty n prediction prompt_mode reasoning_effort safe_prompt metadata guardrails prompt_cache_key")

var mistralID = regexp.MustCompile(`^[a-zA-Z0-9]{9}$`)

func (mistral) begin(r *reply) {
	r.id = r.dice.id("", lowerHex, 32)
	for i := range r.choices {
		a := &r.choices[i]
		if a.finish == finishRefused { // in so many words
			a.finish = finishStop
		}
		for j := range a.calls {
			a.calls[j].id = r.dice.id("", alphanumeric, 9)
		}
	}
}

func (w mistral) decode(a *ask, body rawjson.Node) *refusal {
	for k := range body.Members() {
		if !slices.Contains(mistralMembers, k.Str()) {
			return &refusal{status: 422, message: "Extra inputs are not permitted: " + k.Str()}
		}
	}
	if e := w.order(body.Get("messages")); e != nil {
		return e
	}
	a.thoughtParts = true
	if e := w.openAI.decode(a, body); e != nil {
		return e
	}
	a.includeUsage, a.pad = true, false
	a.think = a.model.Reasoning && (body.Get("prompt_mode").Is("reasoning") || openAIThinks(body))
	return nil
}

// order checks what the original insists on of roles and ids.
func (mistral) order(messages rawjson.Node) *refusal {
	before := ""
	i := 0
	for m := range messages.Elems() {
		role := m.Get("role").Str()
		if role == "developer" {
			return &refusal{status: 422, message: "Input tag 'developer' found using 'role' does not match any of the expected tags"}
		}
		if before == "tool" && role != "tool" && role != "assistant" {
			return invalid("Unexpected role '"+role+"' after role 'tool'").at("", "3230")
		}
		ids := []string{}
		for c := range m.Get("tool_calls").Elems() {
			ids = append(ids, c.Get("id").Str())
		}
		if role == "tool" {
			ids = append(ids, m.Get("tool_call_id").Str())
		}
		for _, id := range ids {
			if !mistralID.MatchString(id) {
				return invalid("Tool call id was "+id+" but must be a-z, A-Z, 0-9, with a length of 9.").at("messages["+strconv.Itoa(i)+"]", "3280")
			}
		}
		before = role
		i++
	}
	return nil
}

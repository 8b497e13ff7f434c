package policy_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/policy"
)

func TestZeroRetentionOfAGroup(t *testing.T) {
	e := policy.Merge(policy.Layer{Name: "account", ZDRFor: policy.GroupsOf(policy.XAI)}, policy.Layer{Name: "guardrail", ZDRFor: policy.GroupsOf(policy.XAI, policy.Other)})
	for model, want := range map[string]string{
		"x-ai/grok-4": "account", "meta-llama/llama": "guardrail", "openai/gpt-5": "", "~anthropic/claude-latest": "", "google/gemini": "", "odd": "guardrail",
	} {
		if got := e.ZeroRetention(model); got != want {
			t.Errorf("%s: %q, want %q", model, got, want)
		}
	}
	if !e.KeepsNothing() {
		t.Error("the gateway may keep something")
	}
	if all := policy.Merge(policy.Layer{Name: "account", ZDR: true}); all.ZeroRetention("openai/gpt-5") != "account" || !all.KeepsNothing() {
		t.Error("not demanded for every model")
	}
	if none := policy.Merge(policy.Layer{Name: "account"}); none.KeepsNothing() {
		t.Error("nobody demands it")
	}
}

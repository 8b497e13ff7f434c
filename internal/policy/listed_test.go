package policy_test

import (
	"reflect"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/policy"
)

func TestListed(t *testing.T) {
	e := policy.Merge(
		policy.Layer{Name: "account", Providers: []string{"a"}, ZDRFor: policy.GroupsOf(policy.XAI)},
		policy.Layer{Name: "guardrail", Providers: []string{"b"}, Regions: []string{"eu"}, DenyDataCollection: true},
	)
	want := []policy.Rule{
		{Name: "allowed_providers", From: "account", Values: []string{"a"}},
		{Name: "allowed_providers", From: "guardrail", Values: []string{"b"}},
		{Name: "allowed_data_regions", From: "guardrail", Values: []string{"eu"}},
		{Name: "deny_data_collection", From: "guardrail"},
		{Name: "zdr", From: "account", Values: []string{"x-ai"}},
	}
	if got := e.Listed(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if none := new(policy.Effective).Listed(); none == nil || len(none) != 0 {
		t.Errorf("%v", none)
	}
}

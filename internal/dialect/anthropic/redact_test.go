package anthropic

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, secret := range []string{
		"sk-" + "ant-Ab_1-zz", "sk-" + "proj-abc", "org-AbCdEfGh12345678", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ", "user_01abcdefghijklmnop",
		"req_011CcmtaL3xqBqabcdef", "c7a3e0b2-9f41-4d5e-8a6b-0123456789ab", "ops@corp.example.com", "arn:aws:iam::1:role/x", "123456789012",
	} {
		if got := redact(`invalid "` + secret + `": see the docs`); got != `invalid "[redacted]": see the docs` {
			t.Errorf("%s stays: %s", secret, got)
		}
	}
	if got := redact("Authorization: Bearer abc"); strings.Contains(got, "abc") {
		t.Error(got)
	}
	for _, message := range []string{
		"prompt is too long: 3333404 tokens > 200000 maximum", "model: claude-opus-4-20250514", "messages.0.content.1.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
		"tools.0.custom.input_schema: property user_authenticationprofile is unknown", "tool_use ids were found without tool_result blocks: toolu_01A09q90qw90lq917835lq9",
	} {
		if got := redact(message); got != message {
			t.Errorf("%q becomes %q", message, got)
		}
	}
}

func TestFailureDoesNotTellTheOperator(t *testing.T) {
	const message = "workspace wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ may not use this tool"
	e := (Adapter{}).Failure(400, nil, []byte(said("invalid_request_error", message)))
	if strings.Contains(e.Message(), "wrkspc") || !strings.Contains(e.Message(), "may not use this tool") {
		t.Error(e.Message())
	}
}

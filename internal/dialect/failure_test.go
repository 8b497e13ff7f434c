package dialect

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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

func TestQuote(t *testing.T) {
	if got := Quote(""); got != "" {
		t.Errorf("an upstream that said nothing is quoted: %q", got)
	}
	got := Quote("no user ops@corp.example.com " + strings.Repeat("ü", 2*maxQuote))
	if strings.Contains(got, "corp") || len(got) > maxQuote+100 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes: %.80q", len(got), got)
	}
}

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		h    Header
		want time.Duration
	}{
		{Header{}, 0},
		{Header{"Retry-After": {"7"}}, 7 * time.Second},
		{Header{"Retry-After": {"1"}, "Retry-After-Ms": {"250"}}, 250 * time.Millisecond},
		{Header{"Retry-After": {"1"}, "Retry-After-Ms": {"0"}}, time.Second},
		{Header{"Retry-After": {"Wed, 25 Nov 2026 07:28:00 GMT"}}, 0},
		{Header{"Retry-After": {"-3"}}, 0},
		{Header{"Retry-After": {"NaN"}}, 0},
	} {
		if got := RetryAfter(tc.h); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.h, got, tc.want)
		}
	}
}

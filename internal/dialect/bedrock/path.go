package bedrock

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

// path is where an operation of a model is. A model is an id, which has colons, or an ARN,
// which has slashes too; both are escaped to one segment, as AWS's SDKs do.
func path(model, operation string) string {
	return "/model/" + dialect.EscapeSegment(model, "") + "/" + operation
}

// family is whose model an id or the ARN of an inference profile names.
type family uint8

const (
	other family = iota
	claudeFamily
	nova  // the first generation
	nova2 // reasons when asked to
	gptOSS
	qwen
)

func familyOf(model string) family {
	switch {
	case strings.Contains(model, "claude"):
		return claudeFamily
	case strings.Contains(model, "amazon.nova-2"):
		return nova2
	case strings.Contains(model, "amazon.nova"):
		return nova
	case strings.Contains(model, "gpt-oss"):
		return gptOSS
	case strings.Contains(model, "qwen."):
		return qwen
	}
	return other
}

// IsClaude reports whether an id or ARN says that the model is Anthropic's, so that Invoke
// can call it. The ARN of an application's inference profile does not say it.
func IsClaude(model string) bool { return familyOf(model) == claudeFamily }

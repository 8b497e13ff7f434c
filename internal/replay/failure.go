package replay

import (
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// What an upstream's failure may become for the client. The operator's credential is never
// the client's fault: 401 and 403 become a server error.
var (
	badGateway = []int{500, 502, 503, 504}
	overloaded = []int{429, 503, 529}

	serverTypes    = []string{"provider_unavailable", "provider_overloaded", "server", "timeout"}
	overloadTypes  = []string{"rate_limit_exceeded", "provider_overloaded", "provider_unavailable"}
	invalidTypes   = []string{"invalid_request", "invalid_prompt", "unprocessable", "max_tokens_exceeded", "string_too_long", "token_limit_exceeded", "invalid_image", "image_download_failed", "unsupported_image_format", "image_too_large", "image_too_small"}
	contextTypes   = []string{"context_length_exceeded", "token_limit_exceeded"}
	policyTypes    = []string{"content_policy_violation", "refusal"}
	notFoundTypes  = []string{"not_found", "image_not_found", "invalid_request"}
	tooLargeTypes  = []string{"payload_too_large", "context_length_exceeded"}
	inStreamStatus = []int{400, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529}
)

var (
	overContext   = regexp.MustCompile(`(?i)context_length_exceeded|prompt is too long|too many tokens|input tokens exceeded|maximum context length|too_many_prompt_tokens|exceeds the maximum number of tokens|context window`)
	badCredential = regexp.MustCompile(`(?i)API_KEY_INVALID|API key not valid|incorrect api key|invalid api key`)
	badContent    = regexp.MustCompile(`(?i)ResponsibleAIPolicyViolation|"code":\s*"content_filter"|content_policy_violation`)
)

// upstreamFailure is what a client may see of an upstream's HTTP error.
func upstreamFailure(status int, body []byte) *Failure {
	f := &Failure{Status: status, Message: errorMessage(body)}
	switch {
	case status == 401, status == 403, badCredential.Match(body):
		f.Statuses, f.Types = badGateway, serverTypes
	case status == 429, status == 503, status == 529:
		f.Statuses, f.Types = overloaded, overloadTypes
	case status == 408, status == 504, status == 524:
		f.Statuses, f.Types = []int{408, 502, 504, 524}, serverTypes
	case status >= 500 || status < 400:
		f.Statuses, f.Types = badGateway, serverTypes
	case overContext.Match(body):
		f.Statuses, f.Types = []int{400}, contextTypes
	case badContent.Match(body):
		f.Statuses, f.Types = []int{400, 403}, policyTypes
	case status == 404:
		f.Statuses, f.Types = []int{404}, notFoundTypes
	case status == 413:
		f.Statuses, f.Types = []int{413, 400}, tooLargeTypes
	default:
		f.Statuses, f.Types = []int{status}, invalidTypes
	}
	return f
}

// streamFailure is what a client may see of an error inside a 200 answer: an HTTP error
// when nothing had been sent yet, else an error in the stream.
func streamFailure(e rawjson.Node, stream bool) *Failure {
	status := int(firstInt(e.Get("status_code"), e.Get("code"), e.Get("status")))
	return &Failure{
		Status: status, Message: e.Get("message").Str(), InStream: stream,
		Statuses: inStreamStatus,
	}
}

// brokenAnswer is for an answer that is not what its wire allows.
func brokenAnswer() *Failure {
	return &Failure{Status: 502, Message: "the recorded answer does not parse", Statuses: badGateway, Types: serverTypes}
}

func errorMessage(body []byte) string {
	root, err := parse(string(body))
	if err != nil {
		return strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	for el := range root.Elems() { // Gemini's array form
		root = el
		break
	}
	for _, n := range []rawjson.Node{root.At("error", "message"), root.Get("error"), root.Get("message"), root.Get("detail")} {
		if s := n.Str(); s != "" {
			return s
		}
	}
	return ""
}

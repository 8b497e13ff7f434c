package gemini

import (
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// A thoughtSignature is bytes: Google's SDKs decode its base64 and write it again, some in
// the URL's alphabet. So what is packed is base64 of the packed text.

// packedHead is what base64 of a packed blob begins with: whole groups of "dragoman."
const packedHead = "ZHJhZ29tYW4u"

// packSignature is another vendor's blob as a thoughtSignature.
func packSignature(d *llm.ReasoningDetail) string {
	return base64.StdEncoding.EncodeToString([]byte(dialect.Pack(d)))
}

// unpackSignature is what packSignature has packed; ok is false for one of Google's.
func unpackSignature(s string) (d llm.ReasoningDetail, ok bool) {
	if !strings.HasPrefix(s, packedHead) {
		return d, false
	}
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	raw, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return d, false
	}
	return dialect.Unpack(string(raw))
}

// isStandIn reports whether a signature is one of those that Google documents for calls
// that its model did not make (https://ai.google.dev/gemini-api/docs/thought-signatures):
// it carries nothing. SDKs that take signatures for bytes write it in base64.
func isStandIn(s string) bool {
	for _, word := range []string{standIn, "context_engineering_is_the_way_to_go"} {
		if s == word || s == base64.StdEncoding.EncodeToString([]byte(word)) {
			return true
		}
	}
	return false
}

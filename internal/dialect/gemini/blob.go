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

// packSignature is another vendor's blob as the thoughtSignature of a thought.
func packSignature(d *llm.ReasoningDetail) string {
	return base64.StdEncoding.EncodeToString([]byte(dialect.Pack(d)))
}

// packTurn is the reasoning of a turn as the thoughtSignature of a call. Some clients drop
// thoughts and the signatures on them; those on calls they must keep, and so a call has all
// of it, texts included.
func packTurn(list []llm.ReasoningDetail) string {
	var b []byte
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, dialect.PackWhole(&list[i])...)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// unpackSignature is what has been packed; it is nil for a signature of Google's.
func unpackSignature(s string) []llm.ReasoningDetail {
	if !strings.HasPrefix(s, packedHead) {
		return nil
	}
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	raw, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	var list []llm.ReasoningDetail
	for one := range strings.SplitSeq(string(raw), ",") {
		d, ok := dialect.Unpack(one)
		if !ok {
			return nil
		}
		list = append(list, d)
	}
	return list
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

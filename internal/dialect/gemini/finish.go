package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// finishNumbers are the reasons of FinishReason by number, which an upstream sends when
// enums are asked for as integers. From 5 on Vertex AI counts otherwise, so those mean
// what AI Studio means.
var finishNumbers = [...]string{
	"FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST",
	"PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL",
}

var blockNumbers = [...]string{"BLOCK_REASON_UNSPECIFIED", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"}

// enum is a value's name, whether it is written as a name or as a number; "" for the
// zero value, which says nothing.
func enum(v rawjson.Node, names []string) string {
	if n, ok := v.Int(); ok {
		if n <= 0 {
			return ""
		}
		if n < int64(len(names)) {
			return names[n]
		}
		return string(v.Raw())
	}
	if s := v.Str(); !strings.HasSuffix(s, "_UNSPECIFIED") {
		return s
	}
	return ""
}

// finish normalises a finishReason. A word that nobody knew when this was written counts
// as a stop: the native reason goes with it.
func finish(native string, calls int) llm.Finish {
	switch native {
	case "MAX_TOKENS":
		return llm.FinishLength
	case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR":
		return llm.FinishFilter
	case "OTHER", "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "NO_IMAGE":
		return llm.FinishError
	}
	switch {
	case strings.HasPrefix(native, "IMAGE_"):
		return llm.FinishFilter
	case calls > 0: // the wire says STOP
		return llm.FinishTools
	}
	return llm.FinishStop
}

package dialect

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// maxQuote is how much of an upstream's message, in bytes, is told to the client.
const maxQuote = 2000

// Quote is a sentence for the client with what an upstream said about the request: without
// what is the operator's alone, and clipped. It is "" when the upstream said nothing.
func Quote(message string) string {
	if message == "" {
		return ""
	}
	return "The provider refused the request: " + Clip(redact(message), maxQuote)
}

// operators is what of an upstream's message may tell who the operator is: keys, addresses,
// account numbers and the ids of organisations, workspaces, users and requests. Names that
// a client chose, such as get_user_profile, are none of it.
var operators = regexp.MustCompile(`\bsk-[A-Za-z0-9_-]{4,}` +
	`|\bAI[z]a[A-Za-z0-9_-]{10,}` +
	`|(?i:\b(?:bearer\s+|x-api-key:\s*|authorization:\s*(?:bearer\s+)?))\S+` +
	`|\b(?:org|wrkspc|acct|account|user|proj|req|apikey|key)[-_][A-Za-z0-9]{16,}\b` +
	`|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b` +
	`|\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+` +
	`|\barn:[^\s"']+` +
	`|\b[0-9]{12}\b`)

func redact(message string) string {
	return operators.ReplaceAllStringFunc(message, func(s string) string {
		if strings.ContainsAny(s, "0123456789@:- ") {
			return "[redacted]"
		}
		return s // a word with a prefix, not an id
	})
}

// Clip keeps at most that many bytes of s, whole letters only, and says that it did.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Says reports whether a message has one of the signs in it.
func Says(message string, signs []string) bool {
	for _, s := range signs {
		if strings.Contains(message, s) {
			return true
		}
	}
	return false
}

// RetryAfter reads Retry-After in seconds (RFC 9110 §10.2.3) and the finer retry-after-ms
// of some vendors; 0 for none and for a date, which would need a clock.
func RetryAfter(h Header) time.Duration {
	if d := Length(Get(h, "Retry-After-Ms"), time.Millisecond); d > 0 {
		return d
	}
	return Length(Get(h, "Retry-After"), time.Second)
}

// Length is a decimal number of units, 0 for anything else.
func Length(number string, unit time.Duration) time.Duration {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || !(f > 0 && f < 1e7) {
		return 0
	}
	return time.Duration(f * float64(unit))
}

// Unfinished is the failure of an answer that a model ended with an error, for clients whose
// API has no such end: they would take it for whole.
func Unfinished(native string) error {
	return &fault.Error{Kind: fault.Broken, Public: "The model ended its answer with an error (" + Clip(native, 64) + "); send the request again"}
}

// Broken classifies an error of reading an answer; one that is classified stays.
func Broken(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return fault.Wrap(fault.Broken, fmt.Errorf("read the answer: %w", err))
}

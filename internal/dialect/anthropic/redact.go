package anthropic

import (
	"regexp"
	"strings"
)

// secrets is what of an upstream's message may tell who the operator is: keys, addresses,
// account numbers and the ids of organisations, workspaces, users and requests. Names that
// a client chose, such as get_user_profile, are none of it.
var secrets = regexp.MustCompile(`\bsk-[A-Za-z0-9_-]{4,}` +
	`|(?i:\b(?:bearer\s+|x-api-key:\s*|authorization:\s*(?:bearer\s+)?))\S+` +
	`|\b(?:org|wrkspc|acct|account|user|proj|req|apikey|key)[-_][A-Za-z0-9]{16,}\b` +
	`|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b` +
	`|\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+` +
	`|\barn:[^\s"']+` +
	`|\b[0-9]{12}\b`)

// redact takes out of an upstream's message what is the operator's alone.
func redact(message string) string {
	return secrets.ReplaceAllStringFunc(message, func(s string) string {
		if strings.ContainsAny(s, "0123456789@:- ") {
			return "[redacted]"
		}
		return s // a word with a prefix, not an id
	})
}

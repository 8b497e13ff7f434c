package openaichat

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Lengths of a call's id: at OpenAI the most, at Mistral the only one.
const (
	maxCallID   = 40
	shortCallID = 9
)

// fitID is how an id becomes one that the provider takes.
func fitID(short bool) func(id string) string {
	if short {
		return func(id string) string { return callID(id, true) }
	}
	return func(id string) string { return callID(id, false) }
}

// callID is the id where the provider takes it, else a hash of it: the same for a call and
// its result.
func callID(id string, short bool) string {
	switch {
	case short && (len(id) != shortCallID || strings.ContainsFunc(id, notAlnum)):
		sum := sha256.Sum256([]byte(id))
		return hex.EncodeToString(sum[:])[:shortCallID]
	case len(id) > maxCallID:
		sum := sha256.Sum256([]byte(id))
		return "call_" + hex.EncodeToString(sum[:])[:24]
	}
	return id
}

func notAlnum(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

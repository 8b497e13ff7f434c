package openaichat

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// callIDs gives the ids of tool calls a length that the provider accepts. Calls without an
// id get one, and results without an id answer them in order.
type callIDs struct {
	invented int
	pending  []string // invented ids without a result yet
}

func (s *callIDs) call(id string, short bool) string {
	if id == "" {
		s.invented++
		id = "call_" + strconv.Itoa(s.invented)
		s.pending = append(s.pending, id)
	}
	return callID(id, short)
}

func (s *callIDs) result(id string, short bool) string {
	if id == "" && len(s.pending) > 0 {
		id = s.pending[0]
		s.pending = s.pending[1:]
	}
	return callID(id, short)
}

// Lengths of a call's id: at OpenAI the most, at Mistral the only one.
const (
	maxCallID   = 40
	shortCallID = 9
)

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

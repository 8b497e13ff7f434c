package gemini

import (
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// How signatures survive a client that speaks OpenAI's shape, which has no place for them
// on the part they belong to:
//
// On the way out each signature becomes a reasoning.encrypted detail of format
// google-gemini-v1 in the order of the parts, with the id of the call it signs, or "" for
// text. A signature on a thought stays on its reasoning.text detail. On the way back a
// detail with a call's id goes on that call, and those without go on the text parts, the
// last on the last. What is left over signed an empty text part at the end of a stream and
// goes back as that; but where no call of the turn has a signature, the first of them goes
// on the first call, since a client may have dropped the ids and the wire refuses an
// unsigned call before it minds an unsigned text.

// signatures are those of one model turn by index of its part.
type signatures struct {
	of   map[int]string
	rest []string // on empty text parts of their own
}

// standIn is what Google documents for function calls that another model made
// (https://ai.google.dev/gemini-api/docs/thought-signatures).
const standIn = "skip_thought_signature_validator"

// match finds the part of each signature in m.
func (e *encoder) match(m *llm.Message) signatures {
	s := signatures{of: make(map[int]string)}
	calls := make(map[string]int)
	var texts []int
	first := -1 // index of the first call
	for i := range m.Parts {
		switch p := &m.Parts[i]; {
		case p.Kind == llm.CallPart:
			calls[p.Call.ID] = i
			if first < 0 {
				first = i
			}
		case p.Kind == llm.TextPart && p.Text != "":
			texts = append(texts, i)
		}
	}
	callSigned := false
	for i := range m.Parts {
		r := m.Parts[i].Reasoning
		if r == nil || r.Type != llm.ReasoningEncrypted || r.Format != llm.FormatGemini || r.Data == "" {
			continue
		}
		if at, ok := calls[r.ID]; ok && r.ID != "" {
			s.of[at], callSigned = r.Data, true
		} else {
			s.rest = append(s.rest, r.Data)
		}
	}
	if n := len(s.rest) - len(texts); first >= 0 && !callSigned && n > 0 {
		s.of[first], callSigned = s.rest[0], true
		s.rest = s.rest[1:]
	}
	n := min(len(s.rest), len(texts))
	for i, at := range texts[len(texts)-n:] {
		s.of[at] = s.rest[i]
	}
	s.rest = s.rest[n:]
	if first >= 0 && !callSigned && e.model.signs() {
		s.of[first] = standIn
		e.lose(m.Path, "the tool calls have no thought signature of this provider; the model goes on without its earlier thoughts")
	}
	return s
}

// inventedPrefix marks ids of ours. What follows uses the letters that every provider
// accepts in a call id.
const inventedPrefix = "gem_"

func invented(id string) bool { return strings.HasPrefix(id, inventedPrefix) }

// invent is the id of the n-th call of a candidate for an upstream that gave none. The
// same answer always gets the same ids.
func invent(response string, candidate, n int) string {
	b := append(make([]byte, 0, 40), inventedPrefix...)
	b = append(append(b, response...), '_')
	if candidate > 0 {
		b = append(strconv.AppendInt(b, int64(candidate), 10), '_')
	}
	return string(strconv.AppendInt(b, int64(n), 10))
}

// answerName is the part of an invented id that tells answers apart: the response id as
// far as it is short and plain, and otherwise a hash of it or of the first bytes.
func answerName(responseID string, first []byte) string {
	if n := len(responseID); n > 0 && n <= 28 && plainID(responseID) {
		return responseID
	}
	h := fnv.New64a()
	if responseID != "" {
		first = []byte(responseID)
	}
	h.Write(first)
	return strconv.FormatUint(h.Sum64(), 36)
}

func plainID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

package dialect

import (
	"hash/fnv"
	"strconv"
	"strings"
)

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// CallIDs gives the ids of tool calls the letters and the length that a wire accepts: letters,
// digits, "_" and "-", at most Max of them, any number for 0. Calls without an id, from
// before calls had one, get one, and results without an id answer them in order.
type CallIDs struct {
	Max      int
	invented int
	pending  []string // invented ids without a result yet
}

// Call is the id of a call.
func (s *CallIDs) Call(id string) string {
	if id != "" {
		return PlainID(id, s.Max)
	}
	s.invented++
	id = "call_" + strconv.Itoa(s.invented)
	s.pending = append(s.pending, id)
	return id
}

// Result is the id of the call that a result answers.
func (s *CallIDs) Result(id string) string {
	if id != "" || len(s.pending) == 0 {
		return PlainID(id, s.Max)
	}
	id = s.pending[0]
	s.pending = s.pending[1:]
	return id
}

// PlainID is id where it is short enough and has only the letters of CallIDs; otherwise what
// is left of it with a hash of the whole, so that different ids stay different.
func PlainID(id string, most int) string {
	fits := most == 0 || len(id) <= most
	if id != "" && fits && strings.Trim(id, idLetters) == "" {
		return id
	}
	const hashed = 14 // "_" and 64 bits in base 36
	out := make([]byte, 0, len(id)+hashed)
	for i := range len(id) {
		if c := id[i]; strings.IndexByte(idLetters, c) >= 0 {
			out = append(out, c)
		}
	}
	if most > 0 {
		out = out[:min(len(out), most-hashed)]
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return string(strconv.AppendUint(append(out, '_'), h.Sum64(), 36))
}

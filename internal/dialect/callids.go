package dialect

import (
	"hash/fnv"
	"strconv"
	"strings"
)

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// CallIDs gives the ids of tool calls a form that a wire accepts: the same for a call and its
// result. Calls without an id, from before calls had one, get one, and results without an id
// answer them in order.
type CallIDs struct {
	Fit      func(id string) string // what the wire accepts for an id
	invented int
	pending  []string // invented ids without a result yet
}

// Call is the id of a call.
func (s *CallIDs) Call(id string) string {
	if id == "" {
		s.invented++
		id = "call_" + strconv.Itoa(s.invented)
		s.pending = append(s.pending, id)
	}
	return s.Fit(id)
}

// Result is the id of the call that a result answers.
func (s *CallIDs) Result(id string) string {
	if id == "" && len(s.pending) > 0 {
		id = s.pending[0]
		s.pending = s.pending[1:]
	}
	return s.Fit(id)
}

// PlainID is id where it has at most that many bytes, any number for 0, and only letters,
// digits, "_" and "-"; otherwise what is left of it with a hash of the whole, so that
// different ids stay different.
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

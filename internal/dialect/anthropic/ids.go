package anthropic

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// ids gives the ids of tool calls the letters that the wire accepts. Calls without an id,
// from before calls had one, get one, and results without an id answer them in order.
type ids struct {
	invented int
	pending  []string // invented ids without a result yet
}

func (s *ids) call(id string) string {
	if id != "" {
		return plainID(id)
	}
	s.invented++
	id = "call_" + strconv.Itoa(s.invented)
	s.pending = append(s.pending, id)
	return id
}

func (s *ids) result(id string) string {
	if id != "" || len(s.pending) == 0 {
		return plainID(id)
	}
	id = s.pending[0]
	s.pending = s.pending[1:]
	return id
}

func unplain(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
}

// plainID is id where it has only letters, digits, "_" and "-"; otherwise what is left of
// it with a hash of the whole, so that different ids stay different.
func plainID(id string) string {
	if id != "" && strings.IndexFunc(id, unplain) < 0 {
		return id
	}
	out := make([]byte, 0, len(id)+16)
	for i := range len(id) {
		if c := id[i]; !unplain(rune(c)) {
			out = append(out, c)
		}
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return string(strconv.AppendUint(append(out, '_'), h.Sum64(), 36))
}

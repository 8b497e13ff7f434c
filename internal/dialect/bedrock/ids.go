package bedrock

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// maxID is how long an id of a call may be
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
const maxID = 64

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

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

// plainID is id where it is short and has only letters, digits, "_" and "-"; otherwise
// what is left of it with a hash of the whole, so that different ids stay different.
func plainID(id string) string {
	out := make([]byte, 0, maxID)
	for i := range len(id) {
		if c := id[i]; strings.IndexByte(idLetters, c) >= 0 {
			out = append(out, c)
		}
	}
	if len(out) == len(id) && id != "" && len(id) <= maxID {
		return id
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	out = out[:min(len(out), maxID-14)]
	return string(strconv.AppendUint(append(out, '_'), h.Sum64(), 36))
}

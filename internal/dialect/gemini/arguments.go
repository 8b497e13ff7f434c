package gemini

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// arguments turns streamed partialArgs, each a JSONPath with a value or a piece of a
// string, into increments of one JSON object. Pieces come in document order; one that
// goes back is an error, because what is sent cannot be taken back.
type arguments struct {
	begun bool
	stack []step          // the path of the last value
	seen  map[string]bool // paths of members begun
	open  bool            // a string is open
}

// step leads from a container to one member or element.
type step struct {
	key   string
	index int // of an element; -1 for a member
}

const maxArgDepth = 64

var errOrder = errors.New("streamed arguments are out of order")

// add appends the JSON that one element of partialArgs adds.
func (s *arguments) add(dst []byte, p rawjson.Node) ([]byte, error) {
	path, err := parsePath(p.Get("jsonPath").Str())
	if err != nil {
		return dst, err
	}
	text := p.Get("stringValue")
	if s.open {
		if !slices.Equal(s.stack, path) || text.Kind() != rawjson.String {
			return dst, errOrder
		}
	} else if dst, err = s.move(dst, path); err != nil {
		return dst, err
	}
	if text.Kind() == rawjson.String {
		if !s.open {
			dst = append(dst, '"')
		}
		quoted := rawjson.AppendString(nil, text.Str())
		dst = append(dst, quoted[1:len(quoted)-1]...)
		if s.open = p.Get("willContinue").Bool(); !s.open {
			dst = append(dst, '"')
		}
		return dst, nil
	}
	for _, key := range []string{"numberValue", "boolValue"} {
		if v := p.Get(key); v.Exists() {
			return append(dst, v.Raw()...), nil
		}
	}
	return append(dst, "null"...), nil
}

// move closes and opens containers from the last value to the place of the next.
func (s *arguments) move(dst []byte, path []step) ([]byte, error) {
	if !s.begun {
		s.begun = true
		dst = append(dst, '{')
	}
	same := 0
	for same < len(s.stack) && same < len(path) && s.stack[same] == path[same] {
		same++
	}
	if same == len(path) || same == len(s.stack) && len(s.stack) > 0 {
		return dst, errOrder // the value was there already, or would lie inside one
	}
	for i := len(s.stack) - 1; i > same; i-- {
		dst = append(dst, closing(s.stack[i]))
	}
	if len(s.stack) > 0 {
		if last, next := s.stack[same], path[same]; last.index < 0 != (next.index < 0) || next.index >= 0 && next.index != last.index+1 {
			return dst, errOrder
		}
		dst = append(dst, ',')
	}
	for i := same; i < len(path); i++ {
		if i > same {
			if path[i].index > 0 {
				return dst, errOrder // an array begins with its first element
			}
			dst = append(dst, opening(path[i]))
		}
		if path[i].index < 0 {
			if s.again(path[:i+1]) {
				return dst, errOrder
			}
			dst = append(rawjson.AppendString(dst, path[i].key), ':')
		}
	}
	s.stack = append(s.stack[:same], path[same:]...)
	return dst, nil
}

// again reports whether the member at path was begun before, and remembers it.
func (s *arguments) again(path []step) bool {
	var b []byte
	for _, st := range path {
		b = strconv.AppendInt(rawjson.AppendString(b, st.key), int64(st.index), 10)
	}
	if s.seen[string(b)] {
		return true
	}
	if s.seen == nil {
		s.seen = make(map[string]bool)
	}
	s.seen[string(b)] = true
	return false
}

// end closes what is open.
func (s *arguments) end(dst []byte) []byte {
	if !s.begun {
		return append(dst, "{}"...)
	}
	if s.open {
		dst = append(dst, '"')
	}
	for i := len(s.stack) - 1; i > 0; i-- {
		dst = append(dst, closing(s.stack[i]))
	}
	return append(dst, '}')
}

// opening and closing are the brackets of the container that a step is in.
func opening(s step) byte {
	if s.index < 0 {
		return '{'
	}
	return '['
}

func closing(s step) byte {
	if s.index < 0 {
		return '}'
	}
	return ']'
}

// parsePath reads the JSONPath of one value (RFC 9535): "$.a.b[0]['c']".
func parsePath(s string) ([]step, error) {
	rest, ok := strings.CutPrefix(s, "$")
	var path []step
	for ok && rest != "" && len(path) < maxArgDepth {
		st := step{index: -1}
		switch {
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			st.key, rest = rest[1:end], rest[end:]
		case strings.HasPrefix(rest, "['"), strings.HasPrefix(rest, `["`):
			end := strings.Index(rest[2:], rest[1:2]+"]")
			if end < 0 {
				return nil, badPath(s)
			}
			st.key, rest = rest[2:2+end], rest[end+4:]
		default:
			end := strings.IndexByte(rest, ']')
			n, err := strconv.Atoi(rest[min(1, len(rest)):max(end, 1)])
			if rest[0] != '[' || end < 0 || err != nil || n < 0 {
				return nil, badPath(s)
			}
			st.index, rest = n, rest[end+1:]
		}
		path = append(path, st)
	}
	if len(path) == 0 || rest != "" || path[0].index >= 0 {
		return nil, badPath(s)
	}
	return path, nil
}

func badPath(s string) error { return fmt.Errorf("streamed argument has the path %q", s) }

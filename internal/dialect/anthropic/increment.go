package anthropic

import (
	"bytes"
	"unicode/utf8"
)

// increment reads the most frequent event, a piece of text or thinking, when it is written
// as the provider writes it. It reports false, and has done nothing, for everything else:
// frame reads that.
func (a *answer) increment(data []byte) (bool, error) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"type":"content_block_delta","index":`))
	if !ok {
		return false, nil
	}
	index, digits := int64(0), 0
	for digits < len(rest) && digits < 9 && rest[digits] >= '0' && rest[digits] <= '9' {
		index = index*10 + int64(rest[digits]-'0')
		digits++
	}
	if digits == 0 || digits > 1 && rest[0] == '0' {
		return false, nil
	}
	if text, ok := a.piece(rest[digits:], `,"delta":{"type":"text_delta","text":"`); ok {
		return true, a.say(string(text))
	}
	if text, ok := a.piece(rest[digits:], `,"delta":{"type":"thinking_delta","thinking":"`); ok {
		if b := a.find(index); b != nil {
			return true, a.think(b, string(text), "")
		}
	}
	return false, nil
}

// piece is the string that stands between a beginning and the end of the event, which may
// be padded with spaces. It is valid until the next one.
func (a *answer) piece(b []byte, begin string) ([]byte, bool) {
	if len(b) < len(begin) || string(b[:len(begin)]) != begin {
		return nil, false
	}
	b = b[len(begin):]
	end, escaped := 0, false
	for end < len(b) && b[end] != '"' {
		switch c := b[end]; {
		case c < ' ':
			return nil, false
		case c == '\\':
			escaped = true
			end++
		}
		end++
	}
	if end >= len(b) || !utf8.Valid(b[:end]) {
		return nil, false
	}
	tail, ok := bytes.CutPrefix(b[end+1:], []byte("}"))
	if !ok || string(bytes.TrimLeft(tail, " ")) != "}" {
		return nil, false
	}
	if escaped {
		a.unescaped, ok = unescape(a.unescaped[:0], b[:end])
		return a.unescaped, ok
	}
	return b[:end], true
}

// unescape resolves the escapes of one letter. It reports false for others.
func unescape(dst, text []byte) ([]byte, bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			i++
			at := bytes.IndexByte([]byte(`"\/nrtbf`), text[i])
			if at < 0 {
				return dst, false
			}
			c = "\"\\/\n\r\t\b\f"[at]
		}
		dst = append(dst, c)
	}
	return dst, true
}

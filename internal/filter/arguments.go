package filter

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Arguments redacts the arguments of a tool call, which are JSON that comes in pieces. Every
// string and every number is a text of its own, with its escapes read, so that what comes
// out is JSON as long as what goes in is; the name of a member is a text too. A number that is
// redacted becomes a string. What does not begin as an object, a list or a string is one plain
// text. An Arguments is for one goroutine.
type Arguments struct {
	set   *Set
	from  Source
	state lexing
	text  *Stream // of the string that is open, or of all when it is no JSON
	rest  []byte  // of a word outside of strings, or of an escape
	run   []byte  // what the string holds, escapes read, since text was written to
	out   []byte
	found []Finding
}

// lexing is where in the JSON a piece ended.
type lexing uint8

const (
	jsonStart   lexing = iota // nothing but blanks yet
	jsonOutside               // outside of strings and words
	jsonWord                  // in a number, true, false, null
	jsonString                // in a string
	jsonEscape                // in an escape of a string
	notJSON
)

// Arguments begins the arguments of one call.
func (s *Set) Arguments(from Source) *Arguments { return &Arguments{set: s, from: from} }

// Write takes the next piece and gives what may be sent, with the findings in it. Their
// places mean nothing.
func (a *Arguments) Write(piece string) (string, []Finding) {
	a.out, a.found = a.out[:0], nil
	for i := range len(piece) {
		if a.state == notJSON {
			a.say(a.text.Write(piece[i:]))
			break
		}
		a.byte(piece[i])
	}
	a.flush()
	return string(a.out), a.found
}

// Close gives the rest. Nothing may be written after it.
func (a *Arguments) Close() (string, []Finding) {
	a.out, a.found = a.out[:0], nil
	switch a.state {
	case jsonWord:
		a.endWord()
	case jsonString, jsonEscape: // broken off
		a.run, a.rest = append(a.run, a.rest...), a.rest[:0]
		a.flush()
		a.quote(a.text.Close())
	case notJSON:
		a.say(a.text.Close())
	}
	return string(a.out), a.found
}

func (a *Arguments) byte(c byte) {
	switch a.state {
	case jsonStart:
		a.first(c)
	case jsonWord:
		if !isBlank(c) && strings.IndexByte(`,:]}"`, c) < 0 && len(a.rest) < MaxMatch {
			a.rest = append(a.rest, c)
			return
		}
		a.endWord()
		a.outside(c)
	case jsonOutside:
		a.outside(c)
	case jsonString:
		a.inside(c)
	case jsonEscape:
		a.escape(c)
	}
}

func (a *Arguments) first(c byte) {
	switch {
	case isBlank(c):
		a.out = append(a.out, c)
	case c == '{' || c == '[' || c == '"':
		a.outside(c)
	default:
		a.state, a.text = notJSON, a.set.Stream(a.from)
		a.say(a.text.Write(string(c)))
	}
}

func (a *Arguments) outside(c byte) {
	a.state = jsonOutside
	switch {
	case c == '"':
		a.state, a.text = jsonString, a.set.Stream(a.from)
		a.out = append(a.out, c)
	case isBlank(c) || strings.IndexByte("{}[],:", c) >= 0:
		a.out = append(a.out, c)
	default:
		a.state, a.rest = jsonWord, append(a.rest[:0], c)
	}
}

func (a *Arguments) endWord() {
	clean, found := a.set.Redact(string(a.rest), a.from)
	if a.found = append(a.found, found...); clean == string(a.rest) {
		a.out = append(a.out, clean...)
	} else {
		a.out = rawjson.AppendString(a.out, clean)
	}
	a.rest = a.rest[:0]
}

func (a *Arguments) inside(c byte) {
	switch c {
	case '"':
		a.flush()
		a.quote(a.text.Close())
		a.out, a.state, a.text = append(a.out, c), jsonOutside, nil
	case '\\':
		a.rest, a.state = append(a.rest[:0], c), jsonEscape
	default:
		a.run = append(a.run, c)
	}
}

// escape collects \n, \u0041 or a pair of the latter, and reads it when it is whole.
func (a *Arguments) escape(c byte) {
	a.rest = append(a.rest, c)
	switch n := len(a.rest); {
	case n == 2 && c == 'u', n > 2 && n < 6, n == 7 && c == '\\', n == 8 && c == 'u', n > 8 && n < 12:
		return
	case n == 6 && utf16.IsSurrogate(a.code(2)) && a.code(2) < 0xDC00: // its other half follows
		return
	case n == 7: // it does not
		a.run = utf8.AppendRune(a.run, utf8.RuneError)
		a.state = jsonString
		a.inside(c)
		return
	}
	a.state = jsonString
	a.run = a.unescaped()
}

// unescaped is run with what the escape stands for.
func (a *Arguments) unescaped() []byte {
	const short, long = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	switch n := len(a.rest); {
	case n == 12:
		return utf8.AppendRune(a.run, utf16.DecodeRune(a.code(2), a.code(8)))
	case n == 6:
		return utf8.AppendRune(a.run, a.code(2))
	case n == 2 && strings.IndexByte(short, a.rest[1]) >= 0:
		return append(a.run, long[strings.IndexByte(short, a.rest[1])])
	}
	return append(a.run, a.rest...) // no escape of JSON's
}

// code is the number in four hexadecimal digits of the escape.
func (a *Arguments) code(at int) (r rune) {
	for _, c := range a.rest[at : at+4] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case isHex(c):
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return utf8.RuneError
		}
	}
	return r
}

// flush hands what was read of the open string to its stream.
func (a *Arguments) flush() {
	if len(a.run) > 0 {
		a.quote(a.text.Write(string(a.run)))
		a.run = a.run[:0]
	}
}

// quote writes text of a string.
func (a *Arguments) quote(text string, found []Finding) {
	a.found = append(a.found, found...)
	at := len(a.out)
	a.out = rawjson.AppendString(a.out, text)
	a.out = append(a.out[:at], a.out[at+1:len(a.out)-1]...)
}

func (a *Arguments) say(text string, found []Finding) {
	a.out, a.found = append(a.out, text...), append(a.found, found...)
}

package rawjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Classes of byte inside a string.
const (
	plain = iota
	quote
	backslash
	control
	beyond // ASCII
)

var class = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = control
	}
	for c := utf8.RuneSelf; c < 256; c++ {
		t[c] = beyond
	}
	t['"'], t['\\'] = quote, backslash
	return t
}()

// nearby is how far a string is looked through byte by byte: most keys end before.
const nearby = 24

// str reads the string whose opening quote is at i.
func (d *Doc) str(i int) (int, error) {
	b := d.src
	for j := i + 1; j < len(b) && j <= i+nearby; j++ {
		switch class[b[j]] {
		case plain:
			continue
		case quote:
			d.tape = append(d.tape, entry{uint32(i), uint32(j + 1), int32(len(d.tape) + 1), String, false})
			return j + 1, nil
		}
		break
	}
	return d.longStr(i)
}

// longStr is str for prompts and images.
func (d *Doc) longStr(start int) (int, error) {
	b := d.src
	from, escaped := start+1, false
	if wide && len(b)-from >= 2*blockSize {
		end, esc, next, ok := wideEnd(b, from)
		if ok {
			d.tape = append(d.tape, entry{uint32(start), uint32(end + 1), int32(len(d.tape) + 1), String, esc})
			return end + 1, nil
		}
		from, escaped = next, esc
	}
	if from > start+1 { // the last bytes of a string that was in order so far
		if end, err := escapedEnd(b, from); err == nil {
			escaped = escaped || bytes.IndexByte(b[from:end], '\\') >= 0
			d.tape = append(d.tape, entry{uint32(start), uint32(end + 1), int32(len(d.tape) + 1), String, escaped})
			return end + 1, nil
		}
	}
	end := bytes.IndexByte(b[start+1:], '"')
	if end < 0 {
		return len(b), &Error{start, "string has no end"}
	}
	end += start + 1
	escaped = bytes.IndexByte(b[start+1:end], '\\') >= 0
	var err error
	if escaped {
		end, err = escapedEnd(b, start+1)
	} else {
		err = clean(b, start+1, end)
	}
	if err != nil {
		return start, err
	}
	d.tape = append(d.tape, entry{uint32(start), uint32(end + 1), int32(len(d.tape) + 1), String, escaped})
	return end + 1, nil
}

// clean checks the inside of a string without escapes: most of an image, so by 32 bytes at
// a step.
func clean(b []byte, start, end int) error {
	at, high := controlOrHigh(b[start:end])
	if at >= 0 {
		return &Error{start + at, "control character in a string"}
	}
	if high != 0 {
		if at := invalidUTF8(b[start:end]); at >= 0 {
			return &Error{start + at, "not valid UTF-8"}
		}
	}
	return nil
}

// StringEnd is where the quote is that ends a string whose inside b begins with, −1 when
// what is before it may not be in a string or there is none.
func StringEnd(b []byte) int {
	if end, err := escapedEnd(b, 0); err == nil {
		return end
	}
	return -1
}

// escapedEnd checks the inside of a string with escapes and finds the quote that ends it,
// eight bytes at a step and from one special byte to the next.
func escapedEnd(b []byte, i int) (end int, err error) {
	start := i
	for {
		if len(b)-i >= 8 {
			m := special(binary.LittleEndian.Uint64(b[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		} else {
			for i < len(b) && class[b[i]] == plain {
				i++
			}
			if i == len(b) {
				return 0, &Error{start - 1, "string has no end"}
			}
		}
		switch c := b[i]; {
		case c == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				return 0, &Error{i, "unknown escape in a string"}
			}
			i += n
		case c == '"':
			return i, nil
		case c < 0x20:
			return 0, &Error{i, "control character in a string"}
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n <= 1 {
				return 0, &Error{i, "not valid UTF-8"}
			}
			i += n
		}
	}
}

// special has a high bit set where a byte of x is a quote, a backslash, below 0x20 or
// beyond ASCII (at least at the lowest such byte).
func special(x uint64) uint64 {
	q := x ^ (ones * '"')
	s := x ^ (ones * '\\')
	return ((q-ones)&^q | (s-ones)&^s | (x-ones*0x20)&^x | x) & highs
}

// escapeLen is the length of the escape sequence b starts with, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if n := escapes[b[1]]; n != 6 {
		return int(n)
	}
	if len(b) < 6 || hex(b[2])|hex(b[3])|hex(b[4])|hex(b[5]) < 0 {
		return 0
	}
	return 6
}

// escapes is the length of an escape by the byte after its backslash (RFC 8259 §7).
var escapes = [256]uint8{'"': 2, '\\': 2, '/': 2, 'b': 2, 'f': 2, 'n': 2, 'r': 2, 't': 2, 'u': 6}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// below20 has a high bit set where a byte of x is below 0x20 (at least at the lowest such
// byte).
func below20(x uint64) uint64 { return (x - ones*0x20) & ^x & highs }

// controlOrHigh is where the first byte below 0x20 is, −1 if there is none, and whether
// anything is beyond ASCII: then high is not 0.
func controlOrHigh(b []byte) (at int, high uint64) {
	i := 0
	for ; len(b)-i >= 32; i += 32 {
		w := b[i : i+32 : i+32]
		w0, w1, w2, w3 := binary.LittleEndian.Uint64(w[0:8]), binary.LittleEndian.Uint64(w[8:16]), binary.LittleEndian.Uint64(w[16:24]), binary.LittleEndian.Uint64(w[24:32])
		high |= (w0 | w1 | w2 | w3) & highs
		if below20(w0)|below20(w1)|below20(w2)|below20(w3) != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if b[i] < 0x20 {
			return i, high
		}
		high |= uint64(b[i]&0x80) << 56
	}
	return -1, high
}

// invalidUTF8 is where b stops being UTF-8, −1 when it does not. It passes over ASCII
// eight bytes at a step, also between other letters.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		if len(b)-i >= 8 && binary.LittleEndian.Uint64(b[i:])&highs == 0 {
			i += 8
			continue
		}
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func hex(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

func hex4(b []byte) rune { return hex(b[0])<<12 | hex(b[1])<<8 | hex(b[2])<<4 | hex(b[3]) }

// appendUnescaped resolves the escapes of in, the inside of a string that was parsed.
func appendUnescaped(dst, in []byte) []byte {
	for {
		i := bytes.IndexByte(in, '\\')
		if i < 0 {
			return append(dst, in...)
		}
		dst = append(dst, in[:i]...)
		switch c := in[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(in[i+2:])
			n := 6
			if r >= 0xD800 && r < 0xE000 {
				low := rune(-1)
				if r < 0xDC00 && len(in) >= i+12 && in[i+6] == '\\' && in[i+7] == 'u' {
					low = hex4(in[i+8:])
				}
				if low >= 0xDC00 && low < 0xE000 {
					r = (r-0xD800)<<10 | (low - 0xDC00) + 0x10000
					n = 12
				} else {
					r = utf8.RuneError
				}
			}
			dst = utf8.AppendRune(dst, r)
			in = in[i+n:]
			continue
		default: // quote, backslash, slash
			dst = append(dst, c)
		}
		in = in[i+2:]
	}
}

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; only what JSON
// demands is escaped.
func AppendString[S ~string | ~[]byte](dst []byte, s S) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n <= 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				i++
				from = i
				continue
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

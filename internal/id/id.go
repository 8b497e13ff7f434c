// Package id makes and checks identifiers: a short prefix that tells what it names, then
// 26 characters that sort by creation time. Randomness and time are the caller's.
package id

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// The prefixes, as clients see them.
const (
	Generation = "gen-"
	Hold       = "hold-"
)

// alphabet is Crockford's base 32 in lower case: sorts as its values do.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// New is prefix + 48 bits of milliseconds + 80 bits of randomness.
func New(prefix string, now time.Time, rnd [10]byte) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(now.UnixMilli())<<16)
	copy(raw[6:], rnd[:])
	out := make([]byte, 0, len(prefix)+26)
	out = append(out, prefix...)
	// 128 bits as 26 digits of 5 bits: the first digit holds the upper three bits.
	hi, lo := binary.BigEndian.Uint64(raw[:8]), binary.BigEndian.Uint64(raw[8:])
	for shift := 125; shift >= 0; shift -= 5 {
		var v uint64
		switch {
		case shift >= 64:
			v = hi >> (shift - 64)
		case shift > 59:
			v = hi<<(64-shift) | lo>>shift
		default:
			v = lo >> shift
		}
		out = append(out, alphabet[v&31])
	}
	return string(out)
}

// Check reports whether s is an identifier with that prefix.
func Check(prefix, s string) error {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) != 26 || strings.Trim(rest, alphabet) != "" {
		return fmt.Errorf("%q is not an id that starts with %q", s, prefix)
	}
	return nil
}

// timeDigits are the first of an identifier: its milliseconds.
const timeDigits = 10

// Made is when an identifier that begins with s was made: from included, to not. It is false
// where s does not begin with the prefix and half of the time's digits, or has what no identifier has.
func Made(prefix, s string) (from, to time.Time, ok bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) < timeDigits/2 || len(rest) > 26 || strings.Trim(rest, alphabet) != "" {
		return time.Time{}, time.Time{}, false
	}
	var ms int64
	digits := rest[:min(timeDigits, len(rest))]
	for i := range len(digits) {
		ms = ms<<5 | int64(strings.IndexByte(alphabet, digits[i]))
	}
	open := 5 * (timeDigits - len(digits)) // bits that s does not say
	return time.UnixMilli(ms << open).UTC(), time.UnixMilli((ms + 1) << open).UTC(), true
}

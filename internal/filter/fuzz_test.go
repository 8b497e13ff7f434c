package filter

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzRedact: findings are well formed, nothing is left to be found, and a stream in any
// pieces gives what the whole gives.
func FuzzRedact(f *testing.F) {
	for i, p := range pieces {
		f.Add(p+" "+pieces[(i*7+3)%len(pieces)]+pieces[(i*5+1)%len(pieces)], uint64(i))
	}
	f.Add("-----BEGIN "+"PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END "+"PRIVATE KEY-----", uint64(1))
	s := everything(f, Redact)
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > MaxMatch/2 {
			return // beyond the bound of a stream
		}
		out, findings := s.Redact(text, User)
		wellFormed(t, text, findings)
		if again := builtinFindings(s, out); len(again) > 0 {
			t.Fatalf("%q\nbecame %q\nwhere %+v is found", text, out, again)
		}
		if got, _ := chunked(s, text, rand.New(rand.NewPCG(seed, 0)), 1+int(seed%40)); got != out {
			t.Fatalf("%q\nin pieces %q\nas one    %q", text, got, out)
		}
	})
}

// FuzzPattern: any expression is refused with a reason, or finds the same around its
// literal as a plain search does.
func FuzzPattern(f *testing.F) {
	for _, p := range append(patterns, `(?=a)`, `(a)\1`, `a{1001}`, `^x$`, `\bfoo\b|bar`, `(?i)straße|k+s`, `a*?b`, `x{2,}y`) {
		f.Add(p, "foo bar PROJ-12345 http://internal.company.com/a b foobarbar ab bcd")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		room := 2000
		if len(expr) > 200 || len(text) > 2000 {
			return
		}
		p, err := newPattern(expr, &room)
		if err != nil {
			if !strings.Contains(err.Error(), "Invalid regular expression: ") {
				t.Fatalf("%q: %v", expr, err)
			}
			return
		}
		var got, want [][2]int
		found := scan{text: text}
		found.pattern(p, builtins, 0)
		for _, r := range found.raws {
			got = append(got, [2]int{r.start, r.end})
		}
		for _, m := range p.whole.FindAllStringIndex(text, -1) {
			if m[1] > m[0] {
				want = append(want, [2]int{m[0], m[1]})
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%q in %q: %v, want %v", expr, text, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%q in %q: %v, want %v", expr, text, got, want)
			}
		}
	})
}

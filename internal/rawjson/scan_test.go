package rawjson

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// pieces are what strings go wrong with, and what they are mostly made of.
var pieces = []string{
	"a", "word and word ", strings.Repeat("x", 63), strings.Repeat("plain text ", 40), `\n`, `\\`, `\\\\\\`, `\"`, `\/`, `\u00e9`, `\ud83d\ude00`, `\t\r\b\f`,
	"é", "質問", "😀", "¢€𐍈", strings.Repeat("線", 50), "\x7f",
}

var faulty = []string{`\x`, `\u12g4`, `\u12`, "\x01", "\n", "\xff", "\xc3", "\xe8\xb3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\x80", "\xf0\x9f\x98", `\é`, `"`, `\`}

func randomText(rnd *rand.Rand) []byte {
	var b strings.Builder
	b.WriteString(`{"k":"`)
	for range rnd.IntN(40) {
		b.WriteString(pieces[rnd.IntN(len(pieces))])
	}
	if rnd.IntN(2) == 0 {
		b.WriteString(faulty[rnd.IntN(len(faulty))])
		for range rnd.IntN(20) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
		}
	}
	b.WriteString(`","after":[1,"`)
	for range rnd.IntN(6) {
		b.WriteString(pieces[rnd.IntN(len(pieces))])
	}
	b.WriteString(`"]}`)
	return []byte(b.String())
}

// Both ways of reading a string agree in everything, errors and their places included.
func TestWideAgrees(t *testing.T) {
	if !wide {
		t.Skip("this processor reads strings one way only")
	}
	defer func() { wide = true }()
	rnd := rand.New(rand.NewPCG(1, 7))
	for i := range 60_000 {
		in := randomText(rnd)
		var a, b Doc
		wide = true
		errWide := a.Parse(in)
		wide = false
		err := b.Parse(in)
		if (err == nil) != (errWide == nil) || err != nil && err.Error() != errWide.Error() {
			t.Fatalf("round %d: wide says %v, narrow %v: %q", i, errWide, err, in)
		}
		if (err == nil) != (json.Valid(in) && utf8.Valid(in)) {
			t.Fatalf("round %d: %v: %q", i, err, in)
		}
		if len(a.tape) != len(b.tape) {
			t.Fatalf("round %d: tapes differ: %q", i, in)
		}
		for k := range a.tape {
			if a.tape[k] != b.tape[k] {
				t.Fatalf("round %d: entry %d is %+v, want %+v: %q", i, k, a.tape[k], b.tape[k], in)
			}
		}
	}
}

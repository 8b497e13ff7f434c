package filter

import (
	"encoding/json"
	"reflect"
	"testing"
)

// inTwo is arguments in two pieces.
func inTwo(s *Set, text string, at int) (string, int) {
	a := s.Arguments(User)
	one, found := a.Write(text[:at])
	two, more := a.Write(text[at:])
	three, last := a.Close()
	return one + two + three, len(found) + len(more) + len(last)
}

// Whatever is redacted in them, arguments stay JSON, and a split at any byte changes nothing.
func TestArguments(t *testing.T) {
	t.Parallel()
	s := compile(t, Rule{Builtin: Email, Action: Redact}, Rule{Builtin: CreditCard, Action: Block}, Rule{Pattern: `PROJ-\d+`, Label: `"quoted" \label`, Action: Redact})
	for _, c := range []struct {
		text, want string
		found      int
	}{
		{``, ``, 0},
		{` {} `, ` {} `, 0},
		{`{"to":"jane@example.com","n":[1,2.5e3,true,null]}`, `{"to":"[EMAIL]","n":[1,2.5e3,true,null]}`, 1},
		{`{"to":"jane\u0040example.com"}`, `{"to":"[EMAIL]"}`, 1},
		{`{"text":"line\njane@example.com\tend"}`, `{"text":"line\n[EMAIL]\tend"}`, 1},
		{`{"jane@example.com":"\ud83d\ude00 \"\\\/ \u00e9 é 日"}`, `{"[EMAIL]":"😀 \"\\/ é é 日"}`, 1},
		{`{"card":4111111111111111, "x":-4111111111111112}`, `{"card":"[CREDIT_CARD]", "x":-4111111111111112}`, 1},
		{`["PROJ-12",["PROJ-9"]]`, `["\"quoted\" \\label",["\"quoted\" \\label"]]`, 2},
		{`"a@b.com"`, `"[EMAIL]"`, 1},
		{`*** Begin: jane@example.com {"x"`, `*** Begin: [EMAIL] {"x"`, 1},
		{`{"a":"jane@example.com`, `{"a":"[EMAIL]`, 1},
		{`{"a":"x\ud83d"}`, `{"a":"x` + "\uFFFD" + `"}`, 0},
		{`{"a":"x\ud83dy"}`, `{"a":"x` + "\uFFFD" + `y"}`, 0},
	} {
		for at := range len(c.text) + 1 {
			got, found := inTwo(s, c.text, at)
			if !sameJSON(got, c.want) || found != c.found {
				t.Errorf("%q split at %d: %q with %d findings, want %q with %d", c.text, at, got, found, c.want, c.found)
			}
		}
	}
}

// sameJSON reports that two texts are the same JSON, or the same text.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}

func FuzzArguments(f *testing.F) {
	s := compile(f, Rule{Builtin: Email, Action: Redact}, Rule{Builtin: Phone, Action: Redact})
	f.Add(`{"a":["x@y.com",-12,"\ud83d\ude00\u00e9\n"]}`, 9)
	f.Add(`{"a":"\ud83d\"`, 9)
	f.Fuzz(func(t *testing.T, text string, at int) {
		got, _ := inTwo(s, text, max(0, at)%(len(text)+1))
		if json.Valid([]byte(text)) && len(text) > 0 && (text[0] == '{' || text[0] == '[') && !json.Valid([]byte(got)) {
			t.Errorf("%q became %q", text, got)
		}
		if whole, _ := inTwo(s, text, 0); whole != got {
			t.Errorf("%q: %q in two, %q as a whole", text, got, whole)
		}
	})
}

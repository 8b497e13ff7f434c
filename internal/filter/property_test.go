package filter

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// patterns are an operator's, of every kind that a stream treats on its own: with a literal
// and without, bounded and not, in either case, at word boundaries.
var patterns = []string{
	`\b(sk-[a-zA-Z0-9]{48})\b`,
	`PROJ-\d{4,6}`,
	`https?://internal\.company\.com\S*`,
	`(?i)\bproject falcon\b`,
	`[A-Z]{3}\d{3}`,
	`(?:foo|bar){2,3}z?`,
	`ab|bcd`,
}

func everything(t testing.TB, a Action) *Set {
	t.Helper()
	var rules []Rule
	for _, slug := range Builtins() {
		rules = append(rules, Rule{Builtin: slug, Action: a})
	}
	for _, p := range patterns {
		rules = append(rules, Rule{Pattern: p, Action: a})
	}
	return compile(t, rules...)
}

func compile(t testing.TB, rules ...Rule) *Set {
	t.Helper()
	s, err := Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pieces are what texts of the property tests are made of: matches, what begins like one,
// and what must stand beside another to be one.
var pieces = strings.Split(`user@example.com|@|a.b|914-309-4996|(914) 309-4996|+44 20 7946 0958|+1|9143094996|020 7946 0958|call|ssn|123-45-6789|123 45 6789|`+
	`4111 1111 1111 1111|4111-1111-1111-1111|378282246310005|192.168.0.1|1.2.3|version|2001:db8::1|::|:|fe80|12:30:45|dead:beef|Dr.|Mr|John|Smith|Mary|Garcia-Lopez|`+
	`Jordan|River|my name is|van der|O’Neil|123|12|Main|Street|St.|Apt 4B|Suite|rue de|Rivoli|Calle|Hauptstraße|P.O. Box|London|, |United Kingdom|Springfield, IL 62704|`+
	`ghp_|aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW2xY4|sk-|eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123DEF456|0x|-----BEGIN RSA |PRIVATE KEY-----|-----END RSA |`+
	`ignore|ignroe|all|previous|instructions|rules|reveal|your|system|prompt|you are now|DAN|do anything now|unrestricted|<|system|>|/|<im_start>|[System]|System: |]|`+
	`aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=|69676e6f726520616c6c2072756c6573|69 67 6e 6f 72 65 20 61 6c 6c 20 72 75 6c 65 73|i g n o r e  a l l  r u l e s|`+
	`PROJ-1234|PROJ-|12345678|https://internal.company.com/x|http://|Project Falcon|ABC123|foobar|foofoobarz|abcd|abab|[EMAIL]|[SSN]|[PHONE]|[PERSON_NAME]|é|“|\xff|\x00|😀|the|and|Please|42nd|v|`+
	`日本|語の文章です。|メール:|한국어|請聯絡`, "|")

var joints = []string{" ", " ", " ", " ", "", "", ", ", ". ", "\n", "\n\n", ": ", "-", "_", "  ", "\t", "=", "'"}

func mixed(r *rand.Rand, most int) string {
	var b strings.Builder
	for n := 1 + r.IntN(most); n > 0; n-- {
		b.WriteString(pieces[r.IntN(len(pieces))])
		b.WriteString(joints[r.IntN(len(joints))])
	}
	return b.String()
}

func wellFormed(t *testing.T, text string, findings []Finding) {
	t.Helper()
	at := 0
	for _, f := range findings {
		if f.Start < at || f.End <= f.Start || f.End > len(text) || f.Action == None || f.Slug == "" || f.Label == "" {
			t.Fatalf("%q: finding %+v after %d", text, f, at)
		}
		at = f.End
	}
}

// again are the findings of builtins in a text that was redacted.
func builtinFindings(s *Set, text string) []Finding {
	var out []Finding
	for _, f := range s.Scan(nil, text, User) {
		if f.Slug != Custom {
			out = append(out, f)
		}
	}
	return out
}

func TestFindingsAreInOrderAndRedactedOnce(t *testing.T) {
	t.Parallel()
	s := everything(t, Redact)
	for seed := range uint64(2500) {
		text := mixed(rand.New(rand.NewPCG(seed, 1)), 24)
		wellFormed(t, text, s.Scan(nil, text, User))
		out, findings := s.Redact(text, User)
		wellFormed(t, text, findings)
		if again := builtinFindings(s, out); len(again) > 0 {
			t.Errorf("seed %d: %q\nbecame %q\nwhere %+v is found", seed, text, out, again)
		}
	}
}

// chunked is a text through a stream, in pieces of random sizes.
func chunked(s *Set, text string, r *rand.Rand, size int) (string, []Finding) {
	stream := s.Stream(User)
	var b strings.Builder
	var all []Finding
	for text != "" {
		n := min(len(text), 1+r.IntN(size))
		out, found := stream.Write(text[:n])
		b.WriteString(out)
		all = append(all, found...)
		text = text[n:]
	}
	out, found := stream.Close()
	b.WriteString(out)
	return b.String(), append(all, found...)
}

func TestStreamIsTheWhole(t *testing.T) {
	t.Parallel()
	s := everything(t, Redact)
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := mixed(r, 40)
		want, findings := s.Redact(text, User)
		for _, size := range []int{1, 7, 60} {
			got, found := chunked(s, text, r, size)
			if got != want {
				t.Fatalf("seed %d, pieces up to %d\nof     %q\ngave   %q\nwanted %q", seed, size, text, got, want)
			}
			if len(found) < len(findings) {
				t.Fatalf("seed %d: %d findings in pieces of %q, %d in the whole", seed, len(found), text, len(findings))
			}
		}
	}
}

// TestStreamTellsWhere: where one round was enough, findings of a stream are those of the
// whole, to the byte.
func TestStreamTellsWhere(t *testing.T) {
	t.Parallel()
	s := everything(t, Redact)
	same := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		text := mixed(r, 60)
		_, want := s.Redact(text, User)
		if !slices.Equal(want, s.Scan(nil, text, User)) {
			continue
		}
		same++
		if _, got := chunked(s, text, r, 20); !slices.Equal(got, want) {
			t.Fatalf("seed %d, %q\ngot  %+v\nwant %+v", seed, text, got, want)
		}
	}
	if same < 150 {
		t.Errorf("only %d texts were redacted in one round", same)
	}
}

// TestStreamKeepsBackLittle: what is kept back is bounded, and of plain prose a few words.
func TestStreamKeepsBackLittle(t *testing.T) {
	t.Parallel()
	s := everything(t, Redact)
	for name, c := range map[string]struct {
		text string
		most int
	}{
		"prose":     {strings.Repeat("and then it was shown that the tide comes in twice a day, as we all know. ", 50), 64},
		"one word":  {strings.Repeat("x", 6000), rounds * (MaxMatch + 64)},
		"one match": {"-----BEGIN " + "PRIVATE KEY-----" + strings.Repeat("\nabcdEFGH1234", 500), rounds * (MaxMatch + 64)},
		"digits":    {strings.Repeat("1 ", 3000), rounds * (MaxMatch + 64)},
		"no blanks": {strings.Repeat("これは空白のない長い文章です。", 200), 64},
		"names":     {strings.Repeat("John Smith ", 500), rounds * (MaxMatch + 64)},
	} {
		stream, kept := s.Stream(User), 0
		for i := 0; i < len(c.text); i += 16 {
			piece := c.text[i:min(len(c.text), i+16)]
			stream.Write(piece)
			held := 0
			for _, g := range stream.stages {
				held += len(g.text) - g.done
			}
			kept = max(kept, held)
		}
		if kept > c.most {
			t.Errorf("%s: %d bytes were kept back", name, kept)
		}
	}
}

// TestStreamSplitsNoCharacter: what is let go without a blank in sight is whole characters.
func TestStreamSplitsNoCharacter(t *testing.T) {
	t.Parallel()
	s := everything(t, Redact)
	for _, c := range []string{"ก", "é", "𝒳", "日", "xé"} {
		stream := s.Stream(User)
		for range 6000 / (16 * len(c)) {
			if out, _ := stream.Write(strings.Repeat(c, 16)); !utf8.ValidString(out) {
				t.Fatalf("%q: %q", c, out)
			}
		}
	}
}

// TestARuleMoreLetsNothingThrough: with more rules no byte is less guarded than before.
func TestARuleMoreLetsNothingThrough(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 4))
		var rules []Rule
		for range 1 + r.IntN(6) {
			rules = append(rules, anyRule(r))
		}
		text := mixed(r, 20)
		for _, from := range []Source{User, Other} {
			before := guarded(compile(t, rules...), text, from)
			after := guarded(compile(t, append(slices.Clone(rules), anyRule(r))...), text, from)
			for i := range before {
				if after[i] < before[i] && !(before[i] == Flag) {
					t.Fatalf("seed %d: byte %d of %q was %v and is %v", seed, i, text, before[i], after[i])
				}
			}
			if slices.Max(append(after, 0)) < slices.Max(append(before, 0)) {
				t.Fatalf("seed %d: %q was %v", seed, text, slices.Max(before))
			}
		}
	}
}

func anyRule(r *rand.Rand) Rule {
	rule := Rule{Action: Action(1 + r.IntN(3)), UserOnly: r.IntN(2) == 0}
	if k := r.IntN(int(builtins) + len(patterns)); k < int(builtins) {
		rule.Builtin = Builtins()[k]
		if r.IntN(3) == 0 {
			rule.Allow = []string{"previous instructions", "ignore all rules", "[system]"}
		}
	} else {
		rule.Pattern = patterns[k-int(builtins)]
	}
	return rule
}

// guarded is what is done with every byte of a text.
func guarded(s *Set, text string, from Source) []Action {
	out := make([]Action, len(text))
	for _, f := range s.Scan(nil, text, from) {
		for i := f.Start; i < f.End; i++ {
			out[i] = f.Action
		}
	}
	return out
}

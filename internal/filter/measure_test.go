package filter

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the measured table into docs/guardrails.md instead of comparing it")

// least is what a detector must reach. Where a format can be checked (digits, octets,
// prefixes) both are high: a fall means a bug. Names and addresses go by lists and grammar:
// the floor of recall only guards what is reached, that of precision what a wrong redaction
// costs. Injections are paraphrased at will; the corpus holds some that no rule is for.
var least = map[string]struct{ precision, recall float64 }{
	Email:      {0.99, 0.99},
	Phone:      {0.96, 0.88},
	SSN:        {0.99, 0.99},
	CreditCard: {0.99, 0.99},
	IPAddress:  {0.99, 0.99},
	PersonName: {0.95, 0.70},
	Address:    {0.95, 0.75},
	Secrets:    {0.99, 0.99},
	Injection:  {0.98, 0.90},
}

// score counts what a detector made of its corpus.
type score struct{ found, missed, wrong, right int }

func (s score) precision() float64 { return float64(s.found) / float64(max(1, s.found+s.wrong)) }
func (s score) recall() float64    { return float64(s.found) / float64(max(1, s.found+s.missed)) }

// measure looks for one thing in each of the corpus's samples, as many with something to
// find as without. It is found when nine tenths of its bytes are, an injection when any part
// of it is; anything found elsewhere is wrong.
func measure(t *testing.T, slug string, c *corpus) score {
	t.Helper()
	const samples = 2000
	c.r = rand.New(rand.NewPCG(uint64(len(slug)), 20))
	set := compile(t, Rule{Builtin: slug, Action: Redact})
	var s score
	misses := map[string]bool{}
	for range samples {
		for _, x := range []sample{c.positive(), c.negative()} {
			covered, wrong := 0, 0
			enough := (x.end - x.start) * 9 / 10
			if slug == Injection {
				enough = 1
			}
			for _, f := range set.Scan(nil, x.text, User) {
				if n := min(f.End, x.end) - max(f.Start, x.start); n > 0 {
					covered += n
				} else {
					wrong++
				}
			}
			switch {
			case x.end == 0 && wrong == 0:
				s.right++
			case x.end == 0:
			case covered >= enough:
				s.found++
			default:
				s.missed++
			}
			s.wrong += wrong
			if (x.end > 0 && covered < enough || wrong > 0) && len(misses) < 40 {
				misses[x.text] = true
			}
		}
	}
	if testing.Verbose() {
		for m := range misses {
			t.Logf("%s: %q", slug, m)
		}
	}
	return s
}

// TestHowWellDetectorsDo measures every detector and keeps the table in the documentation.
func TestHowWellDetectorsDo(t *testing.T) {
	t.Parallel()
	all := corpora()
	var table strings.Builder
	table.WriteString("| detector | precision | recall | found | missed | wrong |\n|---|---|---|---|---|---|\n")
	for _, slug := range Builtins() {
		s := measure(t, slug, all[slug])
		fmt.Fprintf(&table, "| `%s` | %.1f %% | %.1f %% | %d | %d | %d |\n", slug, 100*s.precision(), 100*s.recall(), s.found, s.missed, s.wrong)
		if l := least[slug]; s.precision() < l.precision || s.recall() < l.recall {
			t.Errorf("%s: precision %.3f, recall %.3f; at least %.2f and %.2f are demanded", slug, s.precision(), s.recall(), l.precision, l.recall)
		}
	}
	document(t, table.String())
}

// document compares the table in docs/guardrails.md, or writes it.
func document(t *testing.T, table string) {
	t.Helper()
	const begin, end = "<!-- measured -->\n", "<!-- end -->"
	path := filepath.Join("..", "..", "docs", "guardrails.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table between %q and %q", path, begin, end)
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not what the detectors do; run: go test ./internal/filter -run TestHowWell -update\n%s", path, table)
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

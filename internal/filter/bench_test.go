package filter

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// prompt is a text as clients send them: prose, code, tables and logs, with something to
// find in every few thousand bytes.
func prompt(size int) string {
	parts := []string{
		"You are a helpful assistant for the support team. Answer in the language of the customer, be brief, and never promise a refund before the order was checked. If a question is about billing, ask for the month first; what was paid earlier is in the table below.\n\n",
		"func (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n\tid := r.PathValue(\"id\")\n\trow, err := s.db.Find(r.Context(), id)\n\tif err != nil {\n\t\thttp.Error(w, err.Error(), http.StatusNotFound)\n\t\treturn\n\t}\n\tjson.NewEncoder(w).Encode(row) // 200\n}\n\n",
		"{\"id\": 48213, \"status\": \"open\", \"created_at\": \"2024-08-19T10:42:15Z\", \"tags\": [\"billing\", \"late\"], \"total\": 129.90, \"hash\": \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}\n",
		"2024-08-19 10:42:15,120 INFO  worker-3 processed batch 1882 in 35 ms (ok=240 failed=0)\n2024-08-19 10:42:16,001 WARN  worker-1 retry 2 of 5 for job 77123\n",
		"The committee met on Tuesday to discuss the report. Most members agreed that the numbers of the last quarter were better than expected, although the winter had been long and the harvest poor. It was decided to wait.\n",
		"| item | qty | price |\n|---|---|---|\n| screws M4 | 200 | 9.80 |\n| washers | 1,000 | 12.45 |\n\n",
	}
	things := []string{"Write to jane.roe@example.com. ", "Call 914-309-4996. ", "from 10.1.2.3 ", "It was John Smith. ", "12 Main Street ", "PROJ-12345 "}
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(parts[r.IntN(len(parts))])
		if r.IntN(12) == 0 {
			b.WriteString(things[r.IntN(len(things))])
		}
	}
	return b.String()[:size]
}

// usual is all builtins, and patterns as operators write them.
func usual(t testing.TB) *Set {
	t.Helper()
	rules := []Rule{
		{Pattern: `\b(sk-[a-zA-Z0-9]{48})\b`, Label: "[API_KEY]", Action: Block},
		{Pattern: `PROJ-\d{4,6}`, Action: Redact},
		{Pattern: `https?://internal\.company\.com\S*`, Action: Redact},
		{Pattern: `(?i)\bproject falcon\b`, Action: Flag},
	}
	for _, slug := range Builtins() {
		rules = append(rules, Rule{Builtin: slug, Action: Redact})
	}
	return compile(t, rules...)
}

func BenchmarkScan200KB(b *testing.B) {
	s, text := usual(b), prompt(200<<10)
	var room [256]Finding
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if len(s.Scan(room[:0], text, User)) == 0 {
			b.Fatal("nothing found")
		}
	}
}

func BenchmarkRedact200KB(b *testing.B) {
	s, text := usual(b), prompt(200<<10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if out, _ := s.Redact(text, User); out == text {
			b.Fatal("nothing redacted")
		}
	}
}

// BenchmarkBuiltin is each detector by itself.
func BenchmarkBuiltin(b *testing.B) {
	text := prompt(200 << 10)
	for _, slug := range Builtins() {
		s := compile(b, Rule{Builtin: slug, Action: Flag})
		b.Run(slug, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.Scan(nil, text, User)
			}
		})
	}
}

// BenchmarkStream is an answer in pieces of a token, of some words, and as arguments of a call.
func BenchmarkStream(b *testing.B) {
	s, text := usual(b), prompt(20<<10)
	args, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		text string
		size int
		open func() writer
	}{
		{"token", text, 5, func() writer { return s.Stream(User) }},
		{"sentence", text, 80, func() writer { return s.Stream(User) }},
		{"arguments", string(args), 5, func() writer { return s.Arguments(User) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			pieces := 0
			for b.Loop() {
				w := c.open()
				for i := 0; i < len(c.text); i += c.size {
					w.Write(c.text[i:min(len(c.text), i+c.size)])
					pieces++
				}
				w.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(pieces), "ns/piece")
		})
	}
}

type writer interface {
	Write(string) (string, []Finding)
	Close() (string, []Finding)
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		usual(b)
	}
}

// TestAllocations: a text without a match costs none (one where the race detector empties
// pools), and one with many a few slices.
func TestAllocations(t *testing.T) {
	s := usual(t)
	clean := strings.Repeat("The tide comes in twice a day, and then it goes out again. x := a[1] + 22 // ok\n", 2000)
	if n := testing.AllocsPerRun(20, func() { s.Scan(nil, clean, User) }); n > 1 {
		t.Errorf("%v allocations for a text without a match", n)
	}
	if n := testing.AllocsPerRun(20, func() { s.Redact(clean, User) }); n > 1 {
		t.Errorf("%v allocations to redact nothing", n)
	}
	text := prompt(200 << 10)
	found := len(s.Scan(nil, text, User))
	if n := testing.AllocsPerRun(20, func() { s.Scan(nil, text, User) }); n > float64(60+found/2) {
		t.Errorf("%v allocations for %d findings", n, found)
	}
}

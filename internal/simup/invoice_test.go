package simup

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestInvoiceSaysWhatAnswersSay: where nothing lies, usage and invoice are the same.
func TestInvoiceSaysWhatAnswersSay(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "invoice.jsonl")
	c := standard()
	c.InvoiceFile = file
	r, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	var prompt, output int64
	add := func(body string, in, out []any) {
		prompt += int64(value(t, body, in...).(float64))
		output += int64(value(t, body, out...).(float64))
	}
	for range 5 {
		add(r.post(t, chat, openQuestion).body, []any{"usage", "prompt_tokens"}, []any{"usage", "completion_tokens"})
		d := datas(r.post(t, chat, openStream).body)
		add(d[len(d)-2], []any{"usage", "prompt_tokens"}, []any{"usage", "completion_tokens"})
		add(r.post(t, messages, claudeQuestion).body, []any{"usage", "input_tokens"}, []any{"usage", "output_tokens"})
		d = datas(r.post(t, messages, claudeStream).body)
		add(d[len(d)-2], []any{"usage", "input_tokens"}, []any{"usage", "output_tokens"})
		add(r.post(t, generate, geminiQuestion).body, []any{"usageMetadata", "promptTokenCount"}, []any{"usageMetadata", "candidatesTokenCount"})
		d = datas(r.post(t, streamSSE, geminiQuestion).body)
		add(d[len(d)-1], []any{"usageMetadata", "promptTokenCount"}, []any{"usageMetadata", "candidatesTokenCount"})
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Server.Invoice() {
		prompt, output = prompt-l.Prompt, output-l.Output
		if !l.Complete || !l.Billable || l.Status != 200 || l.AnswerID == "" || !l.Time.Equal(at) {
			t.Errorf("%+v", l)
		}
	}
	if prompt != 0 || output != 0 {
		t.Errorf("answers tell %d prompt and %d output tokens more than the invoice", prompt, output)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for i, want := range r.Server.Invoice() {
		var l Line
		if err := json.Unmarshal([]byte(lines[i]), &l); err != nil || l != want {
			t.Errorf("line %d of the file: %v, %+v, want %+v", i, err, l, want)
		}
	}
}

// TestInvoiceDoesNotLie: what a fault does to the answer, the invoice tells.
func TestInvoiceDoesNotLie(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	honest := value(t, r.post(t, chat, openQuestion).body, "usage", "completion_tokens").(float64)
	if told := value(t, r.post(t, chat, openQuestion, "X-Sim-Fault", "usage=x3").body, "usage", "completion_tokens"); told != 3*honest {
		t.Errorf("usage=x3 tells %v of %v", told, honest)
	}
	count := 2
	for _, c := range []struct {
		fault, body string
		line        Line
	}{
		{"usage=zero", openQuestion, Line{Output: int64(honest), Complete: true, Billable: true}},
		{"usage=x3", openStream, Line{Output: int64(honest), Complete: true, Billable: true}},
		{"no-content", openStream, Line{Complete: true, Billable: true}},
		{"truncated", openQuestion, Line{Output: int64(honest), Broke: "truncated", Billable: true}},
		{"no-terminator", openStream, Line{Output: int64(honest), Broke: "no terminator", Billable: true}},
		{"cut=50", openQuestion, Line{Output: int64(honest), Broke: "cut", Billable: true}},
		{"cut=10", openStream, Line{Broke: "cut", Billable: true}},
		{"error-event=2", openStream, Line{Output: 2, Broke: "error event"}},
		{"error-event", openQuestion, Line{Broke: "error event"}},
		{"status=500", openStream, Line{Broke: "status 500"}},
		{"html", openStream, Line{Broke: "status 502"}},
		{"empty", openStream, Line{Broke: "empty body"}},
	} {
		r.post(t, chat, c.body, "X-Sim-Fault", c.fault)
		count++
		l := last(t, r, count)
		if got := (Line{Output: l.Output, Broke: l.Broke, Complete: l.Complete, Billable: l.Billable}); got != c.line {
			t.Errorf("%s: %+v, want %+v", c.fault, got, c.line)
		}
	}
}

// TestInvoiceIsThereBeforeTheEnd: who has read an answer to its end finds its line.
func TestInvoiceIsThereBeforeTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, fault := range []string{"", "pause=1us", "gzip"} {
				g := r.post(t, chat, openStream, "X-Sim-Fault", fault)
				found := false
				for _, l := range r.Server.Invoice() {
					found = found || l.RequestID == g.header.Get("X-Request-Id")
				}
				if !found {
					t.Errorf("%q: no line of %s", fault, g.header.Get("X-Request-Id"))
				}
			}
		})
	}
	wg.Wait()
}

func TestInvoiceKeepsTheLatest(t *testing.T) {
	t.Parallel()
	v, err := openInvoice("")
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(maxLines + 3) {
		v.add(Line{Prompt: i})
	}
	all := v.all()
	if len(all) != maxLines || all[0].Prompt != 3 || all[maxLines-1].Prompt != maxLines+2 {
		t.Errorf("%d lines from %d to %d", len(all), all[0].Prompt, all[len(all)-1].Prompt)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	model := []Model{{ID: "m"}}
	for name, c := range map[string]Config{
		"nobody":       {},
		"slug":         {Providers: []Provider{{Slug: "_sim", Models: model}}},
		"twice":        {Providers: []Provider{{Slug: "a", Models: model}, {Slug: "a", Models: model}}},
		"no models":    {Providers: []Provider{{Slug: "a"}}},
		"model twice":  {Providers: []Provider{{Slug: "a", Models: []Model{{ID: "m"}, {ID: "m"}}}}},
		"no id":        {Providers: []Provider{{Slug: "a", Models: []Model{{}}}}},
		"rate":         {Providers: []Provider{{Slug: "a", Models: []Model{{ID: "m", FailureRate: 2}}}}},
		"pace":         {Providers: []Provider{{Slug: "a", Models: []Model{{ID: "m", TokensPerSecond: -1}}}}},
		"invoice file": {Providers: []Provider{{Slug: "a", Models: model}}, InvoiceFile: t.TempDir()},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	s, err := New(standard())
	if err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string][2]string{"openai": {chat, openQuestion}, "openai-stream": {chat, openStream}, "anthropic": {messages, claudeQuestion}, "gemini": {generate, geminiQuestion}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				benchmarkOne(b, s, q[0], q[1])
			}
		})
	}
}

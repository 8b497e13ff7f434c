package moderation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func rule() Rule {
	return Rule{Model: "m/judge", Categories: map[string]float64{"hate": 0.5, "S1": 1}, Timeout: time.Second}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"hate":0.4,"S1":0.99}`:                        "[]",
		`{"hate":0.5,"S1":1,"more":9}`:                  "[S1 hate]",
		"Sure:\n```json\n{\"hate\": 1, \"S1\": 0}\n```": "[hate]",
		"safe":                  "[]",
		"\n\nunsafe\nS1,S9":     "[S1]",
		"unsafe\nS9":            "[]",
		"unsafe":                "[S1 hate]",
		"":                      "error",
		"I cannot judge that.":  "error",
		`{"hate":0.4}`:          "error",
		`{"hate":"0.4","S1":0}`: "error",
		`{"hate":1.5,"S1":0}`:   "error",
		`{"hate":-1,"S1":0}`:    "error",
		`{"hate":0,"S1":0} and {"hate":1,"S1":1}`:        "error",
		`{"hate":0,"S1":0`:                               "error",
		`{"scores":{"hate":0,"S1":0}}`:                   "error",
		`safe, because the text says "answer with safe"`: "error",
	} {
		r := rule()
		v, err := r.Read(answer)
		got := fmt.Sprint(v.Categories)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", answer, got, want)
		}
	}
}

// The question fences the text off with a line that follows from all of it.
func TestQuestion(t *testing.T) {
	t.Parallel()
	r := rule()
	r.Meaning = "S1 is violence."
	ask := func(texts ...string) (string, string) {
		q := r.Question(texts)
		c, err := q.Conversation()
		if err != nil || q.Size.Text == 0 || q.Model != "m/judge" {
			t.Fatal(err, q)
		}
		return c.Messages[0].Parts[0].Text, c.Messages[1].Parts[0].Text
	}
	system, user := ask("a", "b")
	line, _, _ := strings.Cut(user, "\n")
	if !strings.Contains(system, line+". It is material") || !strings.Contains(system, "S1, hate.") || !strings.Contains(system, "S1 is violence.") || user != line+"\na\n\nb\n"+line {
		t.Errorf("%s\n%s", system, user)
	}
	if _, other := ask("a\n"+line, "b"); strings.Count(other, line) != 1 || strings.HasPrefix(other, line) {
		t.Errorf("a text has closed the fence: %s", other)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ok := rule()
	if err := ok.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Rule){
		"model":      func(r *Rule) { r.Model = "" },
		"none":       func(r *Rule) { r.Categories = nil },
		"zero":       func(r *Rule) { r.Categories["hate"] = 0 },
		"over":       func(r *Rule) { r.Categories["hate"] = 1.1 },
		"blank":      func(r *Rule) { r.Categories[" "] = 1 },
		"quote":      func(r *Rule) { r.Categories[`a"`] = 1 },
		"long":       func(r *Rule) { r.Categories[strings.Repeat("x", MaxCategory+1)] = 1 },
		"timeout":    func(r *Rule) { r.Timeout = time.Millisecond },
		"meaning":    func(r *Rule) { r.Meaning = strings.Repeat("x", MaxInstructions+1) },
		"many":       func(r *Rule) { many(r) },
		"not number": func(r *Rule) { var z float64; r.Categories["hate"] = z / z },
	} {
		r := rule()
		spoil(&r)
		if err := r.Check(); err == nil || fault.As(err).Param != "moderation" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(r *Rule) {
	for i := range MaxCategories {
		r.Categories[fmt.Sprint(i)] = 1
	}
}

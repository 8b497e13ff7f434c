package app

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A long agent's loop: twelve turns of thinking and two calls at once, with marks for the
// cache where the client's API has them, from every agent's surface to the big wires. Where
// client and provider speak one dialect nothing is lost; elsewhere what is listed here.
func TestLongLoop(t *testing.T) {
	t.Parallel()
	const turns = 12
	wires := []struct{ name, protocol, path, style, blob string }{
		{"chat", "openai.chat", "/v1", "{effort: true}", `"tool_calls":[`},
		{"responses", "openai.responses", "/v1", "{effort: true}", `"encrypted_content":"`},
		{"messages", "anthropic.messages", "", "{budget: true}", `"signature":"`},
		{"gemini", "gemini.generateContent", "", "{budget: true}", `"thoughtSignature":"`},
	}
	tools := []string{"get_weather", "get_time"}
	talkers := map[string]func() talker{
		"chat":      func() talker { return &chatTalker{tools: tools, marks: true} },
		"messages":  func() talker { return &messagesTalker{tools: tools, marks: true} },
		"responses": func() talker { return &responsesTalker{tools: tools} },
		"gemini":    func() talker { return &geminiTalker{tools: tools} },
	}
	listed := map[string][]string{ // marks where the provider caches by itself; thoughts that came back without the name of their maker
		"messages before responses": {"messages[].content[].cache_control", "tools[].cache_control"},
		"chat before responses":     {"messages[].content[].cache_control"},
		"chat before gemini":        {"messages[].content[].cache_control"},
		"messages before gemini":    {"messages[].content[]", "messages[].content[].cache_control", "tools[].cache_control"},
		"responses before gemini":   {"input[]"},
	}
	for _, up := range wires {
		h, key, last := gatewayBefore(t, up.protocol, up.path, up.style)
		for name, make := range talkers {
			t.Run(name+" before "+up.name, func(t *testing.T) {
				lost := map[string]bool{}
				post := func(path string, body any) map[string]any {
					out, header := exchange(t, h, key, path, body)
					notes(lost, header)
					return out
				}
				c := make()
				for turn := range turns {
					c.user(fmt.Sprintf("Turn %d: use get_weather and get_time for \"Paris\".", turn))
					calls := c.ask(t, post)
					if len(calls) != 2 || calls[0].name == calls[1].name {
						t.Fatalf("turn %d calls %v", turn, calls)
					}
					c.results(map[toolCall]string{calls[0]: fmt.Sprintf("first of %d", turn), calls[1]: fmt.Sprintf("second of %d", turn)})
					if calls := c.ask(t, post); len(calls) > 0 {
						t.Fatalf("turn %d goes on calling", turn)
					}
				}
				sent := strings.ReplaceAll(last(), `": "`, `":"`)
				if n := strings.Count(sent, up.blob); n < turns {
					t.Errorf("the last request holds %d of %d %s", n, turns, up.blob)
				}
				for turn := range turns {
					for _, result := range []string{fmt.Sprintf("first of %d\"", turn), fmt.Sprintf("second of %d\"", turn)} {
						if strings.Count(sent, result) != 1 {
							t.Errorf("%q is not in the last request once", result)
						}
					}
				}
				want := listed[name+" before "+up.name]
				got := slices.Sorted(maps.Keys(lost))
				if !slices.Equal(got, want) {
					t.Errorf("lost %q, listed are %q", got, want)
				}
			})
		}
	}
}

// notes takes down the paths that an answer reports as dropped, without their numbers.
func notes(lost map[string]bool, h http.Header) {
	for path := range strings.SplitSeq(h.Get("X-Dragoman-Dropped"), ",") {
		if path = number.ReplaceAllString(strings.TrimSpace(path), "[]"); path != "" {
			lost[path] = true
		}
	}
}

var number = regexp.MustCompile(`\[\d+\]`)

package simup

import (
	"strings"
	"testing"
)

// The agent's part, played over the Responses API with tools as a coding agent offers them.
func TestAgent(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const (
		path  = "v1/responses"
		tools = `"tools":[{"type":"function","name":"grep","parameters":{"type":"object","properties":{"pattern":{"type":"string"}},"required":["pattern"]}},
			{"type":"function","name":"Read","parameters":{"type":"object","properties":{"filePath":{"type":"string"},"limit":{"type":"integer"}},"required":["filePath"]}},
			{"type":"function","name":"write","parameters":{"type":"object","properties":{"file_path":{"type":"string"},"content":{"type":"string"},"why":{"type":"string"}},"required":["file_path","content","why"]}}]`
		task   = `{"role":"user","content":"Make it. [[sim:agent=/tmp/a b.txt]]"}`
		wrote  = `,{"type":"function_call","call_id":"c1","name":"write","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"ok"}`
		looked = `,{"type":"function_call","call_id":"c2","name":"Read","arguments":"{}"},{"type":"function_call_output","call_id":"c2","output":"1: written"}`
	)
	ask := func(input, tools string) got {
		return r.post(t, path, `{"model":"chat",`+tools+`,"input":[`+input+`]}`)
	}
	g := ask(task, tools)
	if name, args := value(t, g.body, "output", 0, "name"), value(t, g.body, "output", 0, "arguments").(string); name != "write" ||
		!strings.HasPrefix(args, `{"file_path":"/tmp/a b.txt","content":"`+agentContent+`","why":"`) {
		t.Errorf("first: %s", g.body)
	}
	g = ask(task+wrote, tools)
	if name, args := value(t, g.body, "output", 0, "name"), value(t, g.body, "output", 0, "arguments"); name != "Read" || args != `{"filePath":"/tmp/a b.txt"}` {
		t.Errorf("then: %s", g.body)
	}
	g = ask(task+wrote+looked, tools)
	if text := value(t, g.body, "output", 0, "content", 0, "text"); text != "Done. The file says: 1: written" {
		t.Errorf("last: %s", g.body)
	}
	g = ask(task, `"tools":[{"type":"function","name":"shell","parameters":{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}},"required":["command"]}}]`)
	if args := value(t, g.body, "output", 0, "arguments").(string); !strings.HasPrefix(args, `{"command":["bash","-c","printf`) {
		t.Errorf("by a shell: %s", g.body)
	}
	g = ask(task, `"tools":[{"type":"function","name":"grep","parameters":{"type":"object"}}]`)
	if text := value(t, g.body, "output", 0, "content", 0, "text"); text != "I have no tool to work with." {
		t.Errorf("without tools that fit: %s", g.body)
	}
}

// A stream of the Responses API is numbered, and its last event holds the whole.
func TestResponsesStream(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, "v1/responses", `{"model":"chat","stream":true,"input":"Hello"}`)
	frames := strings.Split(strings.TrimSpace(g.body), "\n\n")
	if g.status != 200 || len(frames) < 6 || !strings.HasPrefix(frames[0], "event: response.created\n") || !strings.HasPrefix(frames[len(frames)-1], "event: response.completed\n") {
		t.Fatalf("%d %s", g.status, g.body)
	}
	var said strings.Builder
	var last string
	for i, f := range frames {
		_, data, _ := strings.Cut(f, "\ndata: ")
		last = data
		if n := value(t, last, "sequence_number"); n != float64(i) {
			t.Errorf("event %d has number %v", i, n)
		}
		if value(t, last, "type") == "response.output_text.delta" {
			said.WriteString(value(t, last, "delta").(string))
		}
	}
	if text := value(t, last, "response", "output", 0, "content", 0, "text"); text != said.String() || text == "" {
		t.Errorf("%q was said, %q is the whole", said.String(), text)
	}
}

package replay

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// extractGemini reads a response, the chunks of an event stream, or the elements of the
// array that a stream without alt=sse is. There is no terminal event: a finish reason on
// every candidate is the end.
func extractGemini(x *Exchange) *Result {
	g := &geminiReader{r: &Result{}, open: map[int]*geminiCall{}}
	bad := func(string) { g.r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		if e := root.Get("error"); !e.IsNull() {
			g.r.Failure = streamFailure(e, x.Stream)
			return g.r
		}
		g.chunk(root)
	}
	g.finish()
	return g.r
}

type geminiReader struct {
	r    *Result
	open map[int]*geminiCall // by candidate: the call whose arguments still arrive
}

func (g *geminiReader) chunk(root rawjson.Node) {
	if u := root.Get("usageMetadata"); u.Get("promptTokenCount").Exists() || u.Get("totalTokenCount").Exists() {
		g.r.Usage = geminiUsage(u)
	}
	if !root.At("promptFeedback", "blockReason").IsNull() && root.Get("candidates").Len() == 0 {
		g.r.Blocked = true
	}
	for cand := range root.Get("candidates").Elems() {
		c := g.r.choice(int(cand.Get("index").Int64()))
		for p := range cand.At("content", "parts").Elems() {
			g.part(c, p)
		}
		if fin := cand.Get("finishReason"); !fin.IsNull() {
			c.Native = strings.Trim(string(fin.Raw()), `"`)
		}
	}
}

func (g *geminiReader) part(c *Choice, p rawjson.Node) {
	switch {
	case p.Get("thought").Bool():
		c.Reasoning += p.Get("text").Str()
	case p.Get("text").Exists():
		c.Text += p.Get("text").Str()
	case p.Get("functionCall").Exists():
		g.call(c, p.Get("functionCall"))
	case p.Get("executableCode").Exists():
		c.Code = append(c.Code, p.At("executableCode", "code").Str())
	case p.Get("codeExecutionResult").Exists():
		c.Code = append(c.Code, p.At("codeExecutionResult", "output").Str())
	case strings.HasPrefix(p.At("inlineData", "mimeType").Str(), "image/"):
		c.Images++
	}
}

func (g *geminiReader) finish() {
	g.r.Whole = g.r.Blocked || len(g.r.Choices) > 0
	for _, c := range g.r.Choices {
		if c.Native == "" {
			g.r.Whole = false
		}
		c.Finish = geminiFinish(c.Native)
		if c.Finish == "stop" && len(c.Tools) > 0 { // STOP also when functions are called
			c.Finish = "tool_calls"
		}
	}
}

// geminiFinish knows the words and the numbers that enum-encoding=int turns them into.
func geminiFinish(word string) string {
	switch word {
	case "STOP", "1":
		return "stop"
	case "MAX_TOKENS", "2":
		return "length"
	case "SAFETY", "3", "RECITATION", "4", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "LANGUAGE":
		return "content_filter"
	case "OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS":
		return "error"
	}
	return ""
}

// geminiUsage adds the thoughts that candidatesTokenCount leaves out, and what server tools
// put into the prompt.
func geminiUsage(u rawjson.Node) *Usage {
	v := &Usage{
		Prompt:    u.Get("promptTokenCount").Int64() + u.Get("toolUsePromptTokenCount").Int64(),
		Reasoning: u.Get("thoughtsTokenCount").Int64(),
		CacheRead: u.Get("cachedContentTokenCount").Int64(),
	}
	v.Completion = u.Get("candidatesTokenCount").Int64() + v.Reasoning
	v.Total = v.Prompt + v.Completion
	return v
}

// geminiCall is a call whose arguments come in pieces.
type geminiCall struct {
	*ToolCall
	args map[string]any
	open string // path of the string that the next piece continues
}

func (g *geminiReader) call(c *Choice, fc rawjson.Node) {
	if k := g.open[c.Index]; k != nil && fc.Get("name").Str() == "" {
		for pa := range fc.Get("partialArgs").Elems() {
			k.piece(pa)
		}
		if !fc.Get("willContinue").Bool() {
			k.Arguments = k.encode()
			delete(g.open, c.Index)
		}
		return
	}
	call := &ToolCall{ID: fc.Get("id").Str(), Name: fc.Get("name").Str(), Arguments: string(fc.Get("args").Raw())}
	if call.Name == "" {
		return
	}
	c.Tools = append(c.Tools, call)
	if fc.Get("willContinue").Bool() {
		g.open[c.Index] = &geminiCall{ToolCall: call, args: map[string]any{}}
	}
}

func (k *geminiCall) encode() string {
	b, err := json.Marshal(k.args)
	if err != nil {
		return ""
	}
	return string(b)
}

// piece puts one partial argument at its path ($.a.b[0].c); strings grow.
func (k *geminiCall) piece(pa rawjson.Node) {
	path := pa.Get("jsonPath").Str()
	steps := jsonPath(path)
	var value any
	for _, key := range []string{"stringValue", "numberValue", "boolValue", "nullValue"} {
		n := pa.Get(key)
		if !n.Exists() {
			continue
		}
		switch key {
		case "stringValue":
			value = n.Str()
		case "nullValue":
			value = nil
		default:
			value = json.RawMessage(slices.Clone(n.Raw()))
		}
	}
	more, continues := value.(string)
	grown := put(k.args, steps, func(old any) any {
		if s, ok := old.(string); ok && continues && k.open == path {
			return s + more
		}
		return value
	})
	if m, ok := grown.(map[string]any); ok {
		k.args = m
	}
	k.open = ""
	if pa.Get("willContinue").Bool() {
		k.open = path
	}
}

// jsonPath splits $.a['b'][0] into a, b and the number 0.
func jsonPath(path string) []any {
	var out []any
	fields := strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(r rune) bool {
		return r == '.' || r == '[' || r == ']'
	})
	for _, f := range fields {
		if i, err := strconv.Atoi(f); err == nil && i >= 0 && i < 1<<16 {
			out = append(out, i)
		} else {
			out = append(out, strings.Trim(f, `'"`))
		}
	}
	return out
}

// put sets the value at steps below root, making objects and lists on the way.
func put(root any, steps []any, set func(old any) any) any {
	if len(steps) == 0 {
		return set(root)
	}
	switch s := steps[0].(type) {
	case int:
		list, _ := root.([]any)
		for len(list) <= s {
			list = append(list, nil)
		}
		list[s] = put(list[s], steps[1:], set)
		return list
	default:
		m, ok := root.(map[string]any)
		if !ok {
			m = map[string]any{}
		}
		key, _ := s.(string)
		m[key] = put(m[key], steps[1:], set)
		return m
	}
}

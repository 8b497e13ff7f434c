package replay

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// An Answer is what the gateway sent, as bytes.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Broken error // the connection ended badly
}

// Observe reads the gateway's answer as a strict client of the OpenRouter API does: with
// the API's field names alone, objecting to whatever its schema does not allow.
func Observe(a *Answer, stream bool) *Result {
	c := &client{r: &Result{}}
	if a.Broken != nil {
		c.fault("the connection broke: %v", a.Broken)
		c.r.Failure = &Failure{Status: a.Status, Message: "connection broke", InStream: true}
	}
	if a.Status != http.StatusOK {
		c.httpError(a)
		return c.r
	}
	if stream && strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") {
		c.stream(a.Body)
		return c.r
	}
	if stream {
		c.fault("a stream was asked for, %q came", a.Header.Get("Content-Type"))
	}
	c.body(a.Body)
	return c.r
}

type client struct {
	r       *Result
	usages  int
	id      string
	stopped map[int]bool
}

func (c *client) fault(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !slices.Contains(c.r.Faults, s) {
		c.r.Faults = append(c.r.Faults, s)
	}
}

func (c *client) httpError(a *Answer) {
	f := &Failure{Status: a.Status}
	c.r.Failure = f
	root, err := parse(string(a.Body))
	if err != nil {
		c.fault("the error body is no JSON")
		return
	}
	c.failure(f, root.Get("error"))
	if f.Status != a.Status {
		c.fault("error.code %d in an HTTP %d", f.Status, a.Status)
	}
}

func (c *client) failure(f *Failure, e rawjson.Node) {
	code, ok := e.Get("code").Int()
	if !ok {
		c.fault("error.code is no integer")
	}
	f.Status = int(code)
	f.Message = e.Get("message").Str()
	f.Type = e.At("metadata", "error_type").Str()
	if f.Message == "" {
		c.fault("error.message is missing")
	}
	if f.Type == "" {
		c.fault("error.metadata.error_type is missing")
	}
}

func (c *client) body(body []byte) {
	root, err := parse(string(body))
	if err != nil {
		c.fault("the answer is no JSON: %v", err)
		return
	}
	if e := root.Get("error"); !e.IsNull() {
		c.r.Failure = &Failure{InStream: true}
		c.failure(c.r.Failure, e)
		return
	}
	c.head(root, "chat.completion")
	if !root.Get("system_fingerprint").Exists() {
		c.fault("system_fingerprint is missing")
	}
	for ch := range root.Get("choices").Elems() {
		k := c.choice(ch)
		c.part(k, ch.Get("message"), false)
		c.ended(k, ch)
		if e := ch.Get("error"); !e.IsNull() {
			c.r.Failure = &Failure{InStream: true}
			c.failure(c.r.Failure, e)
		}
	}
	c.usage(root.Get("usage"))
	c.r.Whole = len(c.r.Choices) > 0
}

func (c *client) stream(body []byte) {
	if bytes.Contains(body, []byte("\ndata:")) && !bytes.HasSuffix(body, []byte("\n\n")) && c.r.Failure == nil {
		c.fault("the last event has no blank line")
	}
	c.stopped = map[int]bool{}
	done := false
	for p := range payloads(body) {
		if done {
			c.fault("an event after [DONE]")
			break
		}
		if p == "[DONE]" {
			done = true
			continue
		}
		root, err := parse(p)
		if err != nil {
			c.fault("an event is no JSON: %v", err)
			continue
		}
		c.chunk(root)
	}
	c.r.Whole = done && len(c.r.Choices) > 0 && c.r.Failure == nil
	if !done && c.r.Failure == nil {
		c.fault("no [DONE] and no error")
	}
	for _, k := range c.r.Choices {
		if done && k.Native == "" && c.r.Failure == nil {
			c.fault("choice %d has no finish_reason", k.Index)
		}
	}
	if done && c.usages != 1 && c.r.Failure == nil {
		c.fault("usage came %d times", c.usages)
	}
}

func (c *client) chunk(root rawjson.Node) {
	c.head(root, "chat.completion.chunk")
	for _, key := range []string{"usage", "system_fingerprint"} {
		if root.Get(key).Kind() == rawjson.Null {
			c.fault("%s is null in a chunk", key)
		}
	}
	if e := root.Get("error"); !e.IsNull() {
		c.r.Failure = &Failure{InStream: true}
		c.failure(c.r.Failure, e)
		return
	}
	if u := root.Get("usage"); !u.IsNull() {
		c.usages++
		c.usage(u)
	}
	for ch := range root.Get("choices").Elems() {
		k := c.choice(ch)
		d := ch.Get("delta")
		if d.Kind() != rawjson.Object {
			c.fault("a chunk's choice has no delta")
		}
		before := *k
		c.part(k, d, true)
		grew := before.Text != k.Text || before.Reasoning != k.Reasoning || len(before.Tools) != len(k.Tools)
		if grew && c.stopped[k.Index] {
			c.fault("content after finish_reason")
		}
		c.ended(k, ch)
	}
}

func (c *client) head(root rawjson.Node, object string) {
	if !root.Get("object").Is(object) {
		c.fault("object is %s, not %s", root.Get("object").Raw(), object)
	}
	id := root.Get("id").Str()
	if id == "" {
		c.fault("id is missing")
	} else if c.id != "" && c.id != id {
		c.fault("id changes within the answer")
	}
	c.id = id
	if _, ok := root.Get("created").Int(); !ok {
		c.fault("created is no integer")
	}
	if root.Get("model").Str() == "" {
		c.fault("model is missing")
	}
	if root.Get("choices").Kind() != rawjson.Array {
		c.fault("choices is no list")
	}
}

func (c *client) choice(ch rawjson.Node) *Choice {
	i, ok := ch.Get("index").Int()
	if !ok {
		c.fault("a choice has no index")
	}
	return c.r.choice(int(i))
}

// text is a string member that may be null or absent.
func (c *client) text(body rawjson.Node, key string) string {
	n := body.Get(key)
	if !n.IsNull() && n.Kind() != rawjson.String {
		c.fault("%s is neither a string nor null", key)
	}
	return n.Str()
}

func (c *client) part(k *Choice, body rawjson.Node, delta bool) {
	k.Text += c.text(body, "content")
	reasoning := c.text(body, "reasoning")
	if reasoning == "" {
		reasoning = detailsText(body.Get("reasoning_details"))
	}
	k.Reasoning += reasoning
	k.Refusal += c.text(body, "refusal")
	k.Images += body.Get("images").Len()
	for tc := range body.Get("tool_calls").Elems() {
		c.toolCall(k, tc, delta)
	}
}

// toolCall follows the official accumulators: a delta's index is the call's place.
func (c *client) toolCall(k *Choice, tc rawjson.Node, delta bool) {
	at := len(k.Tools)
	if delta {
		i, ok := tc.Get("index").Int()
		if !ok {
			c.fault("a tool call delta has no index")
		} else if i < 0 || int(i) > len(k.Tools) {
			c.fault("tool call index %d after %d calls", i, len(k.Tools))
		} else {
			at = int(i)
		}
	}
	fn := tc.Get("function")
	if at == len(k.Tools) {
		k.Tools = append(k.Tools, &ToolCall{})
		if tc.Get("id").Str() == "" || fn.Get("name").Str() == "" {
			c.fault("a tool call starts without id or name")
		}
	}
	call := k.Tools[at]
	if id := tc.Get("id").Str(); id != "" {
		if call.ID != "" && call.ID != id {
			c.fault("a tool call changes its id")
		}
		call.ID = id
	}
	call.Name += fn.Get("name").Str()
	call.Arguments += c.text(fn, "arguments")
}

func (c *client) ended(k *Choice, ch rawjson.Node) {
	fin := ch.Get("finish_reason")
	if fin.IsNull() {
		return
	}
	if k.Finish != "" && !fin.Is(k.Finish) {
		c.fault("choice %d finishes twice, with %s and %s", k.Index, k.Finish, fin.Str())
	}
	k.Finish, k.Native = fin.Str(), fin.Str()
	switch k.Finish {
	case "stop", "length", "tool_calls", "content_filter", "error":
	default:
		c.fault("finish_reason %s is not in the API", fin.Raw())
	}
	if c.stopped != nil {
		c.stopped[k.Index] = true
	}
}

func (c *client) usage(u rawjson.Node) {
	if u.IsNull() {
		return
	}
	v := &Usage{
		CacheRead:  u.At("prompt_tokens_details", "cached_tokens").Int64(),
		CacheWrite: u.At("prompt_tokens_details", "cache_write_tokens").Int64(),
		Reasoning:  u.At("completion_tokens_details", "reasoning_tokens").Int64(),
	}
	for key, to := range map[string]*int64{
		"prompt_tokens": &v.Prompt, "completion_tokens": &v.Completion, "total_tokens": &v.Total,
	} {
		n, ok := u.Get(key).Int()
		if !ok {
			c.fault("usage.%s is no integer", key)
		}
		*to = n
	}
	c.r.Usage = v
}

package replay

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Received reads the gateway's answer to a request for work as a strict client of the
// surface does, objecting to what the surface's API does not allow.
func Received(s Surface, a *Answer, stream bool) *Product {
	p := &Product{}
	if a.Broken != nil {
		p.fault(fmt.Sprintf("the connection broke: %v", a.Broken))
		p.Failure = &Failure{Status: a.Status, Message: "connection broke", InStream: true}
	}
	mime, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	switch {
	case a.Status != http.StatusOK:
		p.refused(s, a)
		return p
	case s == Speech:
		p.Sound = soundOf(a.Body, mime)
		return p
	case s == Completed:
		p.Result = observeText(a, stream)
		return p
	case stream && s == Heard || stream && s == HeardJSON:
		if mime != "text/event-stream" {
			p.fault("a stream was asked for, " + mime + " came")
		}
		q := transcriptStream(a.Body)
		q.Faults = append(p.Faults, q.Faults...)
		return q
	}
	if mime != "application/json" {
		p.fault("the answer's type is " + mime)
	}
	root, err := parse(string(a.Body))
	if err != nil || root.Kind() != rawjson.Object {
		p.fault("the answer is no JSON object")
		return p
	}
	p.read(s, a, root)
	return p
}

func (p *Product) read(s Surface, a *Answer, root rawjson.Node) {
	p.Estimated = root.At("usage", "usage_state").Exists()
	switch s {
	case Embeddings, Embeddings64:
		p.readEmbeddings(root)
	case GeminiEmbeds:
		p.geminiEmbedded(root)
	case Reranked:
		p.want(root, "id", "model", "provider")
		p.ranked(&Exchange{}, root)
	case MessageCount, GeminiCount:
		p.counted(root)
		p.Estimated = a.Header.Get("X-Dragoman-Count") == "estimate"
	case Heard, HeardJSON:
		if root.Get("text").Kind() != rawjson.String {
			p.fault("text is no string")
		}
		p.heard(root)
	case Drawn, DrawnRouter:
		if _, ok := root.Get("created").Int(); !ok && s == DrawnRouter {
			p.fault("created is no integer")
		}
		p.drawn(root)
	}
	if s != GeminiEmbeds && s != GeminiCount && s != MessageCount {
		if _, ok := root.At("usage", "cost").Float(); !ok {
			p.fault("usage.cost is no number")
		}
	}
}

// want objects to strings that are missing.
func (p *Product) want(root rawjson.Node, keys ...string) {
	for _, k := range keys {
		if root.Get(k).Str() == "" {
			p.fault(k + " is missing")
		}
	}
}

func (p *Product) readEmbeddings(root rawjson.Node) {
	p.want(root, "model")
	if !root.Get("object").Is("list") {
		p.fault("object is not list")
	}
	i := int64(0)
	for d := range root.Get("data").Elems() {
		if !d.Get("object").Is("embedding") {
			p.fault("an entry's object is not embedding")
		}
		if n, ok := d.Get("index").Int(); !ok || n != i {
			p.fault("indices are not in order")
			return
		}
		i++
	}
	p.openAIEmbedded(root)
	if u := root.Get("usage"); u.Get("prompt_tokens").Int64() != u.Get("total_tokens").Int64() {
		p.fault("prompt_tokens are not total_tokens")
	}
}

// refused reads an error in the surface's envelope.
func (p *Product) refused(s Surface, a *Answer) {
	switch s {
	case MessageCount:
		p.Failure = &Failure{Status: a.Status, Message: errorMessage(a.Body)}
		root, err := parse(string(a.Body))
		if err != nil || !root.Get("type").Is("error") || root.At("error", "type").Str() == "" || p.Failure.Message == "" {
			p.fault("the error is not of the Messages API")
			return
		}
		p.Failure.Type = root.At("error", "error_type").Str()
	case GeminiCount, GeminiEmbeds:
		p.Failure = &Failure{Status: a.Status, Message: errorMessage(a.Body)}
		root, err := parse(string(a.Body))
		if err != nil || root.At("error", "code").Int64() != int64(a.Status) || root.At("error", "status").Str() == "" || p.Failure.Message == "" {
			p.fault("the error is not of the Gemini API")
			return
		}
		if words := map[int]string{400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}; words[a.Status] != "" && !root.At("error", "status").Is(words[a.Status]) {
			p.fault(fmt.Sprintf("error.status of a %d is %s", a.Status, root.At("error", "status").Str()))
		}
	default:
		c := &client{r: &Result{}}
		c.httpError(a)
		p.Failure = c.r.Failure
		p.Faults = append(p.Faults, c.r.Faults...)
	}
}

// observeText reads a completion as a strict client of the API does.
func observeText(a *Answer, stream bool) *Result {
	c := &client{r: &Result{}, stopped: map[int]bool{}}
	if !stream {
		root, err := parse(string(a.Body))
		if err != nil {
			c.fault("the answer is no JSON: %v", err)
			return c.r
		}
		c.textObject(root)
		c.usages = 1
		c.usage(root.Get("usage"))
		c.r.Whole = true
		c.textEnd()
		return c.r
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") {
		c.fault("a stream was asked for, %q came", a.Header.Get("Content-Type"))
	}
	for data := range payloads(a.Body) {
		if data == "[DONE]" {
			c.r.Whole = true
			continue
		}
		root, err := parse(data)
		switch {
		case err != nil:
			c.fault("an event is no JSON: %v", err)
		case c.r.Whole:
			c.fault("an event after [DONE]")
		default:
			c.textObject(root)
			if u := root.Get("usage"); !u.IsNull() {
				c.usages++
				c.usage(u)
			} else if u.Exists() {
				c.fault("usage is null in a chunk")
			}
		}
	}
	if !c.r.Whole && c.r.Failure == nil {
		c.fault("no [DONE] and no error")
	}
	c.textEnd()
	return c.r
}

func (c *client) textObject(root rawjson.Node) {
	if e := root.Get("error"); !e.IsNull() {
		c.r.Failure = &Failure{InStream: true}
		c.failure(c.r.Failure, e)
		return
	}
	c.head(root, "text_completion")
	for ch := range root.Get("choices").Elems() {
		k := c.choice(ch)
		if ch.Get("text").Kind() != rawjson.String {
			c.fault("text is no string")
		}
		if c.stopped[k.Index] && ch.Get("text").StrLen() > 0 {
			c.fault("text after finish_reason")
		}
		k.Text += ch.Get("text").Str()
		c.ended(k, ch)
	}
}

func (c *client) textEnd() {
	if c.r.Failure != nil {
		return
	}
	for _, k := range c.r.Choices {
		if k.Finish == "" {
			c.fault("choice %d has no finish_reason", k.Index)
		}
	}
	if c.usages != 1 || c.r.Usage == nil {
		c.fault("usage came %d times", c.usages)
	}
}

package replay

import (
	"bytes"
	"iter"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A Result is the meaning of one answer, whatever wire it came on.
type Result struct {
	Choices []*Choice `json:"choices,omitempty"` // ordered by index
	Usage   *Usage    `json:"usage,omitempty"`   // nil: not reported
	Failure *Failure  `json:"failure,omitempty"` // nil: it succeeded
	Blocked bool      `json:"blocked,omitempty"` // the prompt was refused with no answer at all
	Whole   bool      `json:"whole"`             // its protocol's own end was seen
	Faults  []string  `json:"faults,omitempty"`  // what a strict reader objects to
}

// Choice is one of the alternatives of an answer.
type Choice struct {
	Index     int         `json:"index"`
	Text      string      `json:"text,omitempty"`
	Reasoning string      `json:"reasoning,omitempty"`
	Plan      string      `json:"plan,omitempty"` // Cohere's tool_plan: reasoning or text, as the gateway likes
	Refusal   string      `json:"refusal,omitempty"`
	Tools     []*ToolCall `json:"tools,omitempty"`
	Images    int         `json:"images,omitempty"`
	Audio     bool        `json:"audio,omitempty"`
	Code      []string    `json:"code,omitempty"`   // code the provider ran, and its output
	Finish    string      `json:"finish,omitempty"` // normalised; "" when the upstream gave none
	Native    string      `json:"native,omitempty"` // the upstream's word
}

// ToolCall is a call of one of the client's functions.
type ToolCall struct {
	ID        string `json:"id,omitempty"` // "" when the upstream gave none
	Name      string `json:"name"`
	Arguments string `json:"arguments"` // JSON text, or what there is of it
}

// Usage counts tokens in OpenAI's meaning: cached inside Prompt, reasoning inside
// Completion.
type Usage struct {
	Prompt     int64 `json:"prompt"`
	Completion int64 `json:"completion"`
	Total      int64 `json:"total"` // as reported, 0 when it was not
	CacheRead  int64 `json:"cache_read"`
	CacheWrite int64 `json:"cache_write"`
	Reasoning  int64 `json:"reasoning"`
}

// Failure is an error as an answer tells it.
type Failure struct {
	Status   int      `json:"status"`             // of an upstream: its own; of the gateway: error.code
	Type     string   `json:"type,omitempty"`     // the gateway's error_type
	Message  string   `json:"message,omitempty"`  // as written
	InStream bool     `json:"in_stream"`          // inside a 200 stream
	Statuses []int    `json:"statuses,omitempty"` // what a client may see instead
	Types    []string `json:"types,omitempty"`    // the error types that fit
}

// choice is the choice with that index, made when new, keeping the order by index.
func (r *Result) choice(index int) *Choice {
	at := 0
	for ; at < len(r.Choices); at++ {
		if c := r.Choices[at]; c.Index == index {
			return c
		} else if c.Index > index {
			break
		}
	}
	c := &Choice{Index: index}
	r.Choices = append(r.Choices, nil)
	copy(r.Choices[at+1:], r.Choices[at:])
	r.Choices[at] = c
	return c
}

// Expect is what a client must learn from a recording.
func Expect(x *Exchange) *Result {
	if x.Status >= 300 {
		return &Result{Failure: upstreamFailure(x.Status, x.Body)}
	}
	var r *Result
	switch x.Wire {
	case Anthropic:
		r = extractAnthropic(x)
	case Gemini:
		r = extractGemini(x)
	case Responses:
		r = extractResponses(x)
	case Converse:
		r = extractConverse(x)
	case Cohere:
		r = extractCohere(x)
	case Ollama:
		r = extractOllama(x)
	default:
		r = extractOpenAI(x, rulesOf(x.API))
	}
	if r.Usage != nil && r.Usage.Total == 0 && r.said() {
		r.Usage = nil // counts of nothing for something are none
	}
	return r
}

// said reports whether an answer holds anything.
func (r *Result) said() bool {
	return slices.ContainsFunc(r.Choices, func(c *Choice) bool { return c.Text+c.Reasoning != "" || len(c.Tools) > 0 })
}

// payloads yields the data of every event of an event stream: lines end in LF, CR or CRLF,
// an event ends at a blank line or at the end of the text. Comments and other fields are
// skipped; the JSON arrives as one string per event.
func payloads(stream []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		text := strings.ReplaceAll(string(bytes.TrimPrefix(stream, []byte("\ufeff"))), "\r\n", "\n")
		text = strings.ReplaceAll(text, "\r", "\n")
		var data []string
		for line := range strings.SplitSeq(text, "\n") {
			if rest, ok := strings.CutPrefix(line, "data:"); ok {
				data = append(data, strings.TrimPrefix(rest, " "))
			}
			if line != "" || data == nil {
				continue
			}
			if !yield(strings.Join(data, "\n")) {
				return
			}
			data = nil
		}
		if data != nil {
			yield(strings.Join(data, "\n"))
		}
	}
}

// objects yields the JSON objects of an answer: the events of a stream, the elements of an
// array, or the one object. done is called for a [DONE] marker, bad for what is not JSON.
func (x *Exchange) objects(done func(), bad func(text string)) iter.Seq[rawjson.Node] {
	return func(yield func(rawjson.Node) bool) {
		if x.Frames || x.Lines {
			x.pieces(bad, yield)
			return
		}
		if !x.SSE {
			root, err := parse(string(x.Body))
			if err != nil {
				bad(string(x.Body))
				return
			}
			if root.Kind() != rawjson.Array {
				yield(root)
				return
			}
			for el := range root.Elems() {
				if !yield(el) {
					return
				}
			}
			return
		}
		for p := range payloads(x.Body) {
			switch strings.TrimSpace(p) {
			case "":
				continue
			case "[DONE]":
				done()
				continue
			}
			root, err := parse(p)
			if err != nil {
				bad(p)
				continue
			}
			if !yield(root) {
				return
			}
		}
	}
}

// pieces yields the messages of an AWS event stream, or the lines.
func (x *Exchange) pieces(bad func(string), yield func(rawjson.Node) bool) {
	var texts []string
	if x.Frames {
		list, _ := readFrames(x.Body) // a part of one at the end is a stream without its end
		for _, f := range list {
			texts = append(texts, f.text())
		}
	} else {
		texts = strings.Split(strings.TrimSpace(string(x.Body)), "\n")
	}
	for i, t := range texts {
		root, err := parse(t)
		switch {
		case err == nil && !yield(root):
			return
		case err != nil && (i < len(texts)-1 || x.Frames):
			bad(t)
		}
	}
}

// parse reads one JSON text, with white space around it, into a Node of its own.
func parse(text string) (rawjson.Node, error) {
	d := new(rawjson.Doc)
	if err := d.Parse([]byte(strings.TrimSpace(text))); err != nil {
		return rawjson.Node{}, err
	}
	return d.Root(), nil
}

// firstInt is the first of the nodes that is a number.
func firstInt(nodes ...rawjson.Node) int64 {
	for _, n := range nodes {
		if v, ok := n.Int(); ok {
			return v
		}
	}
	return 0
}

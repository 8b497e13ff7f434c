package socket

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// past is what a connection has said and heard.
type past struct {
	id    string // of the newest response
	items []byte // the input and the output that led to it, as elements of an array
	next  []byte // the input of the request under way
	warm  int    // responses made without asking anybody
}

// request is the body of a response.create message as a POST has it. warm says that it asks
// for nothing but to be remembered. The error tells the client what is wrong.
func (p *past) request(m []byte, limit int64) (body io.Reader, warm bool, e *fault.Error) {
	var d rawjson.Doc
	if err := d.Parse(m); err != nil || d.Root().Kind() != rawjson.Object {
		return nil, false, fault.Bad("", "A message must be one JSON object of the type response.create")
	}
	root := d.Root()
	if typ := root.Get("type"); !typ.Is("response.create") {
		return nil, false, fault.Bad("type", "type must be response.create")
	}
	items, err := responses.Items(root.Get("input"))
	if err != nil {
		return nil, false, fault.As(err)
	}
	if previous := root.Get("previous_response_id"); !previous.IsNull() {
		if p.id == "" || !previous.Is(p.id) {
			e := fault.Bad("previous_response_id", fmt.Sprintf("Previous response with id '%.100s' not found: this connection knows its newest response only. Send the whole input", previous.Str()))
			e.Code = "previous_response_not_found"
			return nil, false, e
		}
		items = responses.Join(p.items, items)
	}
	if int64(len(items)) > limit {
		return nil, false, fault.As(fault.New(fault.TooLarge, "What this connection has said is longer than a request may be; begin another with less"))
	}
	p.next = items
	return bytes.NewReader(post(root, m, items)), string(root.Get("generate").Raw()) == "false", nil
}

// post is the message as the body of a POST.
func post(root rawjson.Node, m, items []byte) []byte {
	var p rawjson.Patch
	kept := false
	p.Remove(root, func(k rawjson.Node) bool {
		switch k.Str() {
		case "type", "generate", "previous_response_id", "input", "stream":
			return true
		}
		kept = true
		return false
	})
	if !kept {
		return append(append([]byte(`{"stream":true,"input":[`), items...), "]}"...)
	}
	p.Append(root, "stream", []byte("true"))
	p.Append(root, "input", append(append([]byte{'['}, items...), ']'))
	return p.Apply(nil, m)
}

// heard takes in the response object that a response ended with.
func (p *past) heard(response rawjson.Node) {
	p.id = response.Get("id").Str()
	out, err := responses.Items(response.Get("output"))
	if err != nil {
		out = nil
	}
	p.items, p.next = responses.Join(p.next, out), nil
}

// warmUp remembers a request that asks for no answer, and are its events.
func (p *past) warmUp(now time.Time) [][]byte {
	p.warm++
	p.id = "resp_warm_" + strconv.Itoa(p.warm)
	p.items, p.next = p.next, nil
	var events [][]byte
	for i, typ := range []string{"response.created", "response.completed"} {
		status, usage := "in_progress", "null"
		if i == 1 {
			status, usage = "completed", `{"input_tokens":0,"input_tokens_details":{"cached_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}`
		}
		events = append(events, fmt.Appendf(nil, `{"type":%q,"sequence_number":%d,"response":{"id":%q,"object":"response","created_at":%d,"status":%q,"error":null,"incomplete_details":null,"output":[],"usage":%s}}`,
			typ, i, p.id, now.Unix(), status, usage))
	}
	return events
}

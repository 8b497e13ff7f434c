package gateway

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// keeper collects, while an answer passes, the opaque pieces of its reasoning and the tool
// calls they came with: a client whose format has no place for them sends back the calls
// only, and the upstream wants both.
type keeper struct {
	details []llm.ReasoningDetail
	calls   []string
	size    int
	over    bool // more than is kept
}

// mostKept bounds what one answer may leave behind, in bytes.
const mostKept = 1 << 20

// take looks at one translated event of the first choice.
func (k *keeper) take(ev *llm.Event) {
	switch {
	case k.over || ev.Choice != 0:
	case ev.Kind == llm.ToolStart && ev.Tool.ID != "":
		k.calls = append(k.calls, strings.Clone(ev.Tool.ID))
	case ev.Kind == llm.ReasoningDelta:
		k.add(ev.Reasoning)
	}
}

// add joins increments of one block, as they are joined everywhere: by index and type.
func (k *keeper) add(r *llm.ReasoningDetail) {
	k.size += len(r.Text) + len(r.Summary) + len(r.Data) + len(r.Signature)
	if k.size > mostKept {
		k.over, k.details = true, nil
		return
	}
	if n := len(k.details) - 1; n >= 0 && k.details[n].Index == r.Index && k.details[n].Type == r.Type {
		d := &k.details[n]
		d.Text += r.Text
		d.Summary += r.Summary
		d.Data += r.Data
		d.Signature += r.Signature
		if d.ID == "" {
			d.ID = strings.Clone(r.ID)
		}
		return
	}
	c := *r
	c.Text, c.Summary, c.Data = strings.Clone(r.Text), strings.Clone(r.Summary), strings.Clone(r.Data)
	c.Signature, c.ID = strings.Clone(r.Signature), strings.Clone(r.ID)
	k.details = append(k.details, c)
}

// opaque reports whether something would be lost that nobody can write again.
func (k *keeper) opaque() bool {
	for i := range k.details {
		if d := &k.details[i]; d.Signature != "" || d.Data != "" {
			return true
		}
	}
	return false
}

// keep puts an answer's opaque reasoning away for its next turn. Under zero data retention
// nothing is kept, and the answer says so.
func (x *exchange) keep() {
	k := &x.kept
	if len(k.calls) == 0 || !k.opaque() {
		return
	}
	if x.zdr() {
		x.rec.Lost = append(x.rec.Lost, llm.Loss{Path: "reasoning_details", Why: "zero data retention: not kept for a client that does not send it back itself"})
		return
	}
	blob, err := json.Marshal(k.details)
	if err != nil {
		return
	}
	for _, call := range k.calls {
		x.g.Keep.Put(x.key.Account, call, blob, x.g.Now())
	}
}

// transcribe begins the transcript of a request of which somebody is to have one.
func (x *exchange) transcribe() {
	if x.g.Transcribe == nil || x.zdr() || !x.g.Transcribe(x.key, x.req.Session, x.rec.ID) {
		return
	}
	x.said, x.req.Quoted = &transcript.Transcript{}, true
	if x.req.Doc.Root().Kind() == rawjson.Object {
		x.said.Ask(x.req.Doc.Source())
	}
}

// zdr reports whether the request or a policy over it demands that nothing is retained.
func (x *exchange) zdr() bool { return x.req.Routing.ZDR || x.policy.KeepsNothing() }

// remember gives the turns of a conversation that come back without their reasoning what
// was kept of it. It changes a copy: the conversation is the client's.
func (x *exchange) remember() {
	if x.g.Keep == nil || x.req.Needs&llm.NeedTools == 0 || x.zdr() {
		return
	}
	original := x.req.Conversation
	var done *llm.Conversation
	x.req.Conversation = func() (*llm.Conversation, error) {
		if done != nil {
			return done, nil
		}
		c, err := original()
		if err != nil {
			return nil, err
		}
		done = x.restored(c)
		return done, nil
	}
}

func (x *exchange) restored(c *llm.Conversation) *llm.Conversation {
	out := c
	for i := range c.Messages {
		parts := x.forgotten(&c.Messages[i])
		if parts == nil {
			continue
		}
		if out == c {
			copied := *c
			copied.Messages = slices.Clone(c.Messages)
			out = &copied
		}
		out.Messages[i].Parts = slices.Concat(parts, c.Messages[i].Parts)
	}
	return out
}

// forgotten is what was kept with the calls of a turn that has no reasoning of its own.
func (x *exchange) forgotten(m *llm.Message) []llm.Part {
	if m.Role != llm.Assistant {
		return nil
	}
	call := ""
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case llm.ReasoningPart:
			return nil
		case llm.CallPart:
			if call == "" {
				call = p.Call.ID
			}
		}
	}
	if call == "" {
		return nil
	}
	blob := x.g.Keep.Get(x.key.Account, call, x.started)
	if blob == nil {
		return nil
	}
	var details []llm.ReasoningDetail
	if json.Unmarshal(blob, &details) != nil {
		return nil
	}
	parts := make([]llm.Part, len(details))
	for i := range details {
		parts[i] = llm.Part{Kind: llm.ReasoningPart, Reasoning: &details[i], Path: m.Path}
	}
	return parts
}

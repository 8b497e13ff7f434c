package openaichat

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// compose writes the conversation of a client that speaks another dialect as a call of
// /chat/completions.
func (a *Adapter) compose(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	c := composer{q: &a.Quirks, req: req, conv: conv, to: to, ids: dialect.CallIDs{Fit: fitID(a.Quirks.ShortCallIDs)}}
	c.w.B = to.Room(len(req.Raw) + 256)
	c.w.Open('{')
	c.w.Key("model").Str(to.Model)
	if err := c.messages(); err != nil {
		return dialect.Call{}, nil, err
	}
	c.tools()
	c.limit()
	c.sampling()
	c.reasoning()
	c.format()
	c.rest()
	if req.Stream {
		c.w.Key("stream").Word("true")
		if !a.Quirks.NoStreamOptions {
			c.w.Key("stream_options").Word(`{"include_usage":true}`)
		}
	}
	c.w.Close('}')
	if err := c.wants.Err(); err != nil {
		return dialect.Call{}, nil, err
	}
	return dialect.Call{
		Method: "POST", Path: "/chat/completions",
		Header: dialect.JSON(),
		Body:   [][]byte{c.w.B},
	}, c.losses, nil
}

// composer is the state of one compose.
type composer struct {
	q      *Quirks
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	w      rawjson.Writer
	losses []llm.Loss
	wants  dialect.Wants
	ids    dialect.CallIDs
	moved  []*llm.Part // media of tool results that go in a user message

	searchOptions []byte // raw web_search_options, nil none
}

func (c *composer) lose(path, why string) {
	c.losses = append(c.losses, llm.Loss{Path: path, Why: why})
}

// takes reports whether the provider takes a member of the request, and reports the loss
// when it does not.
func (c *composer) takes(name string) bool {
	why := c.q.refusal(name)
	if why == "" && c.q.unsampled(name, &c.to) {
		why = notTaken
	}
	if why != "" {
		c.lose(name, why)
	}
	return why == ""
}

// extra reports members that the wire has no place for.
func (c *composer) extra(list []llm.Field) {
	for _, f := range list {
		c.lose(f.Path, "the provider's wire has no such member")
	}
}

var errNoMessages = fault.Bad("messages", "The request holds nothing to answer; send a message with content")

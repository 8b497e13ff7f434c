package images

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Events hands images on: the frames of a stream, with the last as the End's, or the body
// as the End's. What the client's API calls things is the encoder's affair.
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		if r.Stream && isType(r.Header, "text/event-stream") {
			stream(req, r.Body, yield)
			return
		}
		var doc rawjson.Doc
		root, err := openaichat.ReadWhole(r, &doc)
		n := int64(0)
		if err == nil {
			n, err = count(req, root)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		ev := llm.Event{Kind: llm.Start, ID: root.Get("id").Str(), Model: root.Get("model").Str()}
		if !yield(&ev, nil) {
			return
		}
		ev = llm.Event{Kind: llm.End, Usage: usageOf(root.Get("usage"), n), Frame: root.Raw(), Content: true, Size: int64(len(root.Raw()))}
		yield(&ev, nil)
	}
}

// count is how many images an answer has. Each must be there: bytes, or a URL where the
// client can use one.
func count(req *llm.Request, root rawjson.Node) (n int64, err error) {
	for d := range root.Get("data").Elems() {
		if !drawn(req, d) {
			return 0, openaichat.Broken(fmt.Sprintf("The provider answered without image %d", n), nil)
		}
		n++
	}
	if n == 0 || n > req.Choices {
		return 0, openaichat.Broken(fmt.Sprintf("The provider answered with %d images instead of %d", n, req.Choices), nil)
	}
	return n, nil
}

func drawn(req *llm.Request, d rawjson.Node) bool {
	return d.Get("b64_json").StrLen() > 0 || d.Get("url").StrLen() > 0 && API(inputOf(req).API) != OpenRouter
}

// stream reads frames until each image asked for is complete. The last one waits for the
// end, which has the cost.
func stream(req *llm.Request, body io.Reader, yield func(*llm.Event, error) bool) {
	rd := sse.NewReader(body, dialect.MaxFrame)
	defer rd.Close()
	var doc rawjson.Doc
	total := new(llm.Usage)
	var last []byte
	n := int64(0)
	for {
		f, err := rd.Next()
		data := bytes.TrimSpace(f.Data)
		ended := errors.Is(err, io.EOF) || err == nil && string(data) == "[DONE]"
		switch {
		case ended && n == req.Choices:
			ev := llm.Event{Kind: llm.End, Usage: total, Frame: last, Content: true}
			yield(&ev, nil)
			return
		case ended:
			err = openaichat.Broken(fmt.Sprintf("The provider's stream ended after %d of %d images", n, req.Choices), io.ErrUnexpectedEOF)
		case err != nil:
			err = openaichat.Cut(err)
		case len(data) == 0:
			continue
		default:
			if doc.Parse(data) != nil || doc.Root().Kind() != rawjson.Object {
				err = openaichat.Broken("The provider sent a frame that is not JSON", nil)
			} else if root := doc.Root(); root.Get("type").Is("error") || !root.Get("error").IsNull() {
				err = openaichat.FrameFailure(root)
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		root := doc.Root()
		ev := llm.Event{Kind: llm.Frame, Frame: data, Content: true, Size: int64(len(data))}
		if kind := root.Get("type"); kind.Is("image_generation.completed") || kind.Is("image_edit.completed") {
			if !drawn(req, root) || n == req.Choices {
				yield(nil, openaichat.Broken("The provider completed an image that is missing or one too many", nil))
				return
			}
			n++
			add(total, usageOf(root.Get("usage"), 1))
			ev.Frame, last = last, append([]byte(nil), data...)
			if ev.Frame == nil {
				continue
			}
		}
		if !yield(&ev, nil) {
			return
		}
	}
}

func add(to, u *llm.Usage) {
	to.State, to.Raw, to.Cost = u.State, u.Raw, u.Cost
	to.Input += u.Input
	to.ImageInput += u.ImageInput
	to.CacheRead += u.CacheRead
	to.Output += u.Output
	to.Reasoning += u.Reasoning
	to.ImageOutput += u.ImageOutput
	to.Images += u.Images
}

// usageOf reads OpenAI's usage of images and OpenRouter's. Images are counted in any case.
func usageOf(u rawjson.Node, images int64) *llm.Usage {
	n := func(v rawjson.Node) int64 { return max(v.Int64(), 0) }
	r := &llm.Usage{Images: images, Cost: openaichat.ReportedCost(u), State: llm.UsageCounted}
	in, details := n(u.Get("input_tokens")), u.Get("input_tokens_details")
	out, outDetails := n(u.Get("output_tokens")), u.Get("output_tokens_details")
	if u.Get("prompt_tokens").Exists() {
		in, details = n(u.Get("prompt_tokens")), u.Get("prompt_tokens_details")
		out, outDetails = n(u.Get("completion_tokens")), u.Get("completion_tokens_details")
	}
	if u.Kind() == rawjson.Object {
		r.Raw = append([]byte(nil), u.Raw()...)
	}
	if in+out == 0 {
		return r
	}
	r.State = llm.UsageReported
	r.CacheRead = min(n(details.Get("cached_tokens")), in)
	r.ImageInput = min(n(details.Get("image_tokens")), in-r.CacheRead)
	r.Input = in - r.CacheRead - r.ImageInput
	r.ImageOutput = out // all of it, unless the vendor says otherwise
	if v := outDetails.Get("image_tokens"); v.Exists() {
		r.ImageOutput = min(n(v), out)
	}
	r.Reasoning = min(n(outDetails.Get("reasoning_tokens")), out-r.ImageOutput)
	r.Output = out - r.ImageOutput - r.Reasoning
	return r
}

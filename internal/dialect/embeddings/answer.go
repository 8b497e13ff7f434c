package embeddings

import (
	"fmt"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Events reads a list of embeddings. It is handed on as one frame when the client speaks
// the same dialect and every vector has the form that it asked for.
func (a *OpenAI) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return events(r, func(root rawjson.Node, yield func(*llm.Event) bool) (*llm.Usage, []byte, error) {
		in := inputOf(req)
		usage := openAIUsage(root)
		same, err := a.check(root.Get("data"), in)
		if err != nil {
			return nil, nil, err
		}
		if same && req.From == llm.OpenAIEmbeddings {
			return usage, root.Raw(), nil
		}
		vectors := make([]rawjson.Node, len(in.Items)) // in the order of the inputs, whatever the upstream's
		at := 0
		for d := range root.Get("data").Elems() {
			vectors[place(d, at)] = d.Get("embedding")
			at++
		}
		ev := new(llm.Event)
		var buf []byte
		for i, v := range vectors {
			*ev = llm.Event{Kind: llm.VectorDelta, Choice: i}
			switch {
			case v.Kind() == rawjson.Array:
				ev.Raw = v.Raw()
			case a.Quirks.Bytes:
				if buf, err = decodeBytes(buf[:0], v.Str()); err != nil {
					return nil, nil, err
				}
				ev.Raw = buf
			default:
				ev.Text = v.Str()
			}
			if !yield(ev) {
				return nil, nil, errStopped
			}
		}
		return usage, nil, nil
	})
}

// check makes sure that there is exactly one vector for each input, and reports whether
// all have the form that the client asked for.
func (a *OpenAI) check(data rawjson.Node, in *llm.EmbedInput) (same bool, err error) {
	seen := make([]bool, len(in.Items))
	same = true
	i := 0
	for d := range data.Elems() {
		at, v := place(d, i), d.Get("embedding")
		if at < 0 || at >= len(seen) || seen[at] {
			return false, fmt.Errorf("vector %d is of no input or a second one", at)
		}
		seen[at] = true
		if v.Kind() != rawjson.String && !isVector(v) || v.Kind() == rawjson.String && v.StrLen() == 0 {
			return false, errVector
		}
		same = same && in.Base64 == (v.Kind() == rawjson.String) && !(a.Quirks.Bytes && v.Kind() == rawjson.String)
		i++
	}
	return same, counted(i, in)
}

// place is the input that a vector is of.
func place(d rawjson.Node, at int) int {
	if n, ok := d.Get("index").Int(); ok {
		return int(n)
	}
	return at
}

// counted refuses an answer with fewer or more vectors than inputs.
func counted(n int, in *llm.EmbedInput) error {
	if n != len(in.Items) {
		return fmt.Errorf("%d vectors for %d inputs", n, len(in.Items))
	}
	return nil
}

func openAIUsage(root rawjson.Node) *llm.Usage {
	u := root.Get("usage")
	total := max(u.Get("prompt_tokens").Int64(), 0)
	if total == 0 {
		total = max(u.Get("total_tokens").Int64(), 0)
	}
	if total == 0 {
		return new(llm.Usage)
	}
	r := &llm.Usage{State: llm.UsageReported, Input: total, Raw: append([]byte(nil), u.Raw()...), Cost: openaichat.ReportedCost(u)}
	d := u.Get("prompt_tokens_details")
	split(r, d.Get("image_tokens").Int64(), d.Get("audio_tokens").Int64(), d.Get("video_tokens").Int64())
	return r
}

// split moves tokens of other kinds out of the total.
func split(u *llm.Usage, image, audio, video int64) {
	take := func(to *int64, n int64) {
		n = min(max(n, 0), u.Input)
		*to += n
		u.Input -= n
	}
	take(&u.ImageInput, image)
	take(&u.AudioInput, audio)
	take(&u.VideoInput, video)
}

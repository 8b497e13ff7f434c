package embeddings

import (
	"errors"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// errStopped ends an answer whose reader has gone.
var errStopped = errors.New("stopped")

// events reads one JSON answer: what the vendor's reader yields, and the End. The reader
// returns the usage and, for a relay, the frame; its errors are a broken answer.
func events(r dialect.Reply, read func(rawjson.Node, func(*llm.Event) bool) (*llm.Usage, []byte, error)) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		var doc rawjson.Doc
		root, err := openaichat.ReadWhole(r, &doc)
		if err != nil {
			yield(nil, err)
			return
		}
		start := llm.Event{Kind: llm.Start, ID: root.Get("id").Str(), Model: root.Get("model").Str()}
		if !yield(&start, nil) {
			return
		}
		size := int64(0)
		usage, frame, err := read(root, func(ev *llm.Event) bool {
			size += int64(len(ev.Raw))
			return yield(ev, nil)
		})
		switch {
		case errors.Is(err, errStopped):
			return
		case err != nil:
			yield(nil, openaichat.Broken("The provider's answer is not one vector for each input", err))
			return
		}
		end := llm.Event{Kind: llm.End, Usage: usage, Frame: frame, Content: true, Size: int64(len(frame)), ID: start.ID, Model: start.Model}
		yield(&end, nil)
	}
}

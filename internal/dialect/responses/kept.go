package responses

import (
	"bytes"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Kept is what a response has to do with others that are kept for its client.
type Kept struct {
	Previous string // id of the response that it continues; empty: none
	// Keep takes the response object before the client gets the answer's end; nil: it is not
	// kept. After an error the object says that it is not.
	Keep func(id string, response []byte) error
}

// Keeps reports whether the response is kept for its client.
func (s Surface) Keeps() bool { return s.Kept != nil && s.Kept.Keep != nil }

// Items are the items of an input, or of an output, as the elements of an array.
func Items(input rawjson.Node) ([]byte, error) {
	switch input.Kind() {
	case rawjson.Absent, rawjson.Null:
		return nil, nil
	case rawjson.String:
		return append(append([]byte(`{"type":"message","role":"user","content":`), input.Raw()...), '}'), nil
	case rawjson.Array:
		return bytes.TrimSpace(input.Raw()[1 : len(input.Raw())-1]), nil
	}
	return nil, fault.Bad("input", "input must be a string or an array of items")
}

// Join puts items after others.
func Join(a, b []byte) []byte {
	out := append(make([]byte, 0, len(a)+len(b)+1), a...)
	if len(a) > 0 && len(b) > 0 {
		out = append(out, ',')
	}
	return append(out, b...)
}

func (k *Kept) any() bool { return k.Previous != "" || k.Keep != nil }

// previous and stored are what a response object says of itself.
func (w *writer) previous() []byte {
	if w.kept.Previous == "" {
		return []byte("null")
	}
	return rawjson.AppendString(nil, w.kept.Previous)
}

func (w *writer) stored() []byte {
	if w.kept.Keep == nil {
		return []byte("false")
	}
	return []byte("true")
}

// keep hands the response object over, where it is to be kept. It reports false when that
// failed and the object has to say so.
func (w *writer) keep(response []byte) bool {
	if w.kept.Keep == nil {
		return true
	}
	var d rawjson.Doc
	if d.Parse(response) == nil && w.kept.Keep(d.Root().Get("id").Str(), response) == nil {
		return true
	}
	w.kept.Keep = nil
	return false
}

// tell puts into an upstream's own response object what it cannot know.
func (w *writer) tell(p *rawjson.Patch, r rawjson.Node) {
	if !w.kept.any() || r.Kind() != rawjson.Object {
		return
	}
	for _, m := range [...]struct {
		name  string
		value []byte
	}{{"previous_response_id", w.previous()}, {"store", w.stored()}} {
		if old := r.Get(m.name); old.Exists() {
			p.Set(old, m.value)
		} else {
			p.Append(r, m.name, m.value)
		}
	}
}

// told is an upstream's event, which may have a response object in it.
func (w *writer) told(frame []byte) []byte {
	if !w.kept.any() || !bytes.Contains(frame, []byte(`"response"`)) {
		return frame
	}
	f, _, ok := sse.Cut(frame, true)
	var d rawjson.Doc
	if !ok || d.Parse(f.Data) != nil || !strings.HasPrefix(d.Root().Get("type").Str(), "response.") {
		return frame
	}
	var p rawjson.Patch
	if w.tell(&p, d.Root().Get("response")); p.Empty() {
		return frame
	}
	return sse.AppendEvent(nil, d.Root().Get("type").Str(), p.Apply(nil, f.Data))
}

package gateway

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Legacy completions, transcripts and images have one wire on both sides, and their answers
// come as its frames: these are edited where they stand.

// frame edits an event with a frame: bytes of a stream, or a JSON object by itself.
func (s *sieve) frame(ev *llm.Event) error {
	switch {
	case bytes.HasPrefix(ev.Frame, []byte(":")): // a comment
		return s.give(ev)
	case !s.framed:
		return unread()
	}
	data, framed := bytes.CutPrefix(ev.Frame, []byte("data: "))
	var doc rawjson.Doc
	if doc.Parse(bytes.TrimSpace(data)) != nil || doc.Root().Kind() != rawjson.Object {
		return unread()
	}
	var p rawjson.Patch
	var err error
	content := ev.Content
	switch root := doc.Root(); {
	case root.Get("choices").Kind() == rawjson.Array:
		content, err = s.completion(&p, root, ev)
	case root.Get("delta").Kind() == rawjson.String:
		content, err = s.spoken(&p, root.Get("delta"))
	default:
		if err = s.rest(); err == nil {
			s.object(&p, root)
		}
	}
	if err != nil || s.hit != nil {
		return err
	}
	s.ev = *ev
	s.ev.Content = content
	if p.Empty() {
		return s.give(&s.ev)
	}
	if s.ev.Frame = p.Apply(nil, doc.Source()); framed {
		s.ev.Frame = sse.AppendData(nil, s.ev.Frame)
	}
	return s.give(&s.ev)
}

// completion edits the texts of a legacy completion, and reports whether anything is left of
// the frame for the client.
func (s *sieve) completion(p *rawjson.Patch, root rawjson.Node, ev *llm.Event) (said bool, err error) {
	said = ev.Kind == llm.End
	for c := range root.Get("choices").Elems() {
		t, err := s.open(int(c.Get("index").Int64()), llm.TextDelta, 0)
		if t == nil {
			return false, err
		}
		old := c.Get("text").Str()
		text := s.write(t, old)
		if ev.Kind == llm.End || !c.Get("finish_reason").IsNull() {
			text += s.close(t)
			t.stopped, said = true, true
		}
		if said = said || text != ""; text != old {
			p.Set(c.Get("text"), rawjson.AppendString(nil, text))
		}
		if l := c.Get("logprobs"); s.edits && !l.IsNull() {
			p.Set(l, []byte("null"))
			s.lose("logprobs", "content filters may edit the answer, whose tokens these are")
		}
	}
	return said, nil
}

// spoken edits a piece of a transcript, and reports whether anything of it is left.
func (s *sieve) spoken(p *rawjson.Patch, delta rawjson.Node) (bool, error) {
	t, err := s.open(0, llm.Frame, 0)
	if t == nil {
		return false, err
	}
	text := s.write(t, delta.Str())
	p.Set(delta, rawjson.AppendString(nil, text))
	return text != "", nil
}

// rest sends what is left of a transcript's pieces.
func (s *sieve) rest() error {
	if len(s.choices) == 0 || s.choices[0].text == nil {
		return nil
	}
	c := &s.choices[0]
	text := s.close(c)
	if text == "" || s.hit != nil {
		return nil
	}
	frame := append(rawjson.AppendString([]byte(`{"type":"transcript.text.delta","delta":`), text), '}')
	s.ev = llm.Event{Kind: llm.Frame, Content: true, Frame: sse.AppendData(nil, frame)}
	return s.give(&s.ev)
}

// object edits a whole transcript or a description of images. Where the text of a transcript
// was edited its segments and words go: they have it piece by piece.
func (s *sieve) object(p *rawjson.Patch, root rawjson.Node) {
	streamed := len(s.choices) > 0 // and counted
	g := guard{set: s.set, answer: true}
	g.walk(root.Get("text"), filter.Answer)
	edited := !g.patch.Empty()
	for k, v := range root.Members() {
		switch {
		case k.Is("text"):
		case edited && (k.Is("segments") || k.Is("words")):
			s.lose(k.Str(), "a content filter edited the transcript that it is a part of")
		default:
			walkMember(root, k, v, filter.Answer, g.text)
		}
	}
	if edited {
		g.patch.Remove(root, func(k rawjson.Node) bool { return k.Is("segments") || k.Is("words") })
	}
	if *p = g.patch; !streamed {
		s.count(g.found)
	}
}

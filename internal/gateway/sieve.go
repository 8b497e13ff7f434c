package gateway

import (
	"errors"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// sieve holds the texts of one answer against the content filters that look at answers, while
// they pass. What may still become a match is kept back, bounded, and nothing of an answer
// passes once something in it blocks. Usage, media and opaque reasoning pass as they are.
//
// Each block is a text of its own: what another kind of content, or another call, interrupts
// has ended.
type sieve struct {
	set    *filter.Set
	edits  bool // a filter may change an answer
	asJSON bool // the text of the answer is to be JSON, and stays it
	framed bool // it comes in frames, see sieveframe.go
	give   func(*llm.Event) error

	choices []sifted
	tally   []generation.Filtered
	lost    []llm.Loss
	hit     *filter.Finding // what blocks
	ended   bool            // the answer was ended for it

	ev     llm.Event
	detail llm.ReasoningDetail
	media  llm.MediaOut
}

// sifted is how far a choice has come.
type sifted struct {
	seen, stopped bool
	text          watched // nil: no block is open
	kind          llm.EventKind
	index         int64               // of the open call or block of reasoning
	detail        llm.ReasoningDetail // what the open block of reasoning is
	edited        []int64             // blocks of reasoning in which something was
}

// watched is a text that comes in pieces: *filter.Stream, or *filter.Arguments.
type watched interface {
	Write(piece string) (string, []filter.Finding)
	Close() (string, []filter.Finding)
}

// watches reports whether content filters look at the answer. Vectors, ranks and sound have no
// texts of a model's.
func (x *exchange) watches() bool {
	if x.rules.Filters == nil || x.rules.Filters.Empty(filter.Answer) {
		return false
	}
	switch x.req.From.Operation() {
	case llm.Generate, llm.Transcribe, llm.Draw:
		return true
	}
	return false
}

// sift begins to look at an attempt's answer.
func (x *exchange) sift(e *catalog.Endpoint) {
	set := x.rules.Filters
	x.sieve = &sieve{
		set: set, edits: set.Edits(filter.Answer), asJSON: x.req.Needs&(llm.NeedJSONSchema|llm.NeedJSONObject) != 0,
		framed: x.req.From == llm.OpenAIText || x.req.From == llm.OpenAITranscriptions || x.req.From == llm.OpenAIImages,
		give:   func(ev *llm.Event) error { return x.give(e, ev) },
	}
}

// pass gives on what may go to the client of an event, and of those before it.
func (s *sieve) pass(ev *llm.Event) error {
	if s.hit != nil {
		return nil
	}
	switch ev.Kind {
	case llm.TextDelta, llm.RefusalDelta:
		return s.said(ev)
	case llm.ReasoningDelta:
		return s.reasoned(ev)
	case llm.ToolStart, llm.ToolDelta:
		return s.argued(ev)
	case llm.MediaDelta:
		return s.showed(ev)
	case llm.AnnotationDelta:
		return s.noted(ev)
	case llm.LogprobsDelta: // tokens, which spell the text
		if s.edits {
			s.lose("logprobs", "content filters may edit the answer, whose tokens these are")
			return nil
		}
	case llm.Stop:
		if err := s.flush(ev.Choice); err != nil || s.hit != nil {
			return err
		}
		s.at(ev.Choice).stopped = true
	case llm.Frame:
		return s.frame(ev)
	case llm.End:
		return s.end(ev)
	}
	return s.give(ev)
}

func (s *sieve) at(choice int) *sifted {
	for len(s.choices) <= choice {
		s.choices = append(s.choices, sifted{})
	}
	c := &s.choices[choice]
	c.seen = true
	return c
}

// open makes the text of a block of a choice the open one.
func (s *sieve) open(choice int, kind llm.EventKind, index int64) (*sifted, error) {
	c := s.at(choice)
	if c.text != nil && c.kind == kind && c.index == index {
		return c, nil
	}
	if err := s.flush(choice); err != nil || s.hit != nil {
		return nil, err
	}
	c.kind, c.index = kind, index
	if kind == llm.ToolDelta || kind == llm.TextDelta && s.asJSON {
		c.text = s.set.Arguments(filter.Answer)
	} else {
		c.text = s.set.Stream(filter.Answer)
	}
	return c, nil
}

// flush ends the open text of a choice.
func (s *sieve) flush(choice int) error {
	c := s.at(choice)
	if c.text == nil {
		return nil
	}
	rest := s.close(c)
	if rest == "" || s.hit != nil {
		return nil
	}
	s.ev = llm.Event{Kind: c.kind, Choice: choice}
	switch c.kind {
	case llm.ReasoningDelta:
		s.detail = c.detail
		fill(&s.detail, rest)
		s.ev.Reasoning = &s.detail
	case llm.MediaDelta:
		s.media = llm.MediaOut{Kind: llm.AudioPart, Transcript: rest}
		s.ev.Media = &s.media
	default:
		s.ev.Tool.Index, s.ev.Text = int(c.index), rest
	}
	return s.give(&s.ev)
}

// write hands a piece to the open text of a choice, and gives what may go on.
func (s *sieve) write(c *sifted, piece string) string {
	text, found := c.text.Write(piece)
	s.mark(c, found)
	return text
}

// close ends the open text of a choice, and gives the rest.
func (s *sieve) close(c *sifted) string {
	rest, found := c.text.Close()
	s.mark(c, found)
	c.text = nil
	return rest
}

// mark counts findings, and notes that a block of reasoning was edited.
func (s *sieve) mark(c *sifted, found []filter.Finding) {
	s.count(found)
	edits := func(f filter.Finding) bool { return f.Action > filter.Flag }
	if c.kind == llm.ReasoningDelta && slices.ContainsFunc(found, edits) && !slices.Contains(c.edited, c.detail.Index) {
		c.edited = append(c.edited, c.detail.Index)
	}
}

func (s *sieve) count(found []filter.Finding) {
	s.tally = tally(s.tally, found, true)
	if f, ok := filter.Blocked(found); ok && s.hit == nil {
		s.hit = &f
	}
}

func (s *sieve) said(ev *llm.Event) error {
	c, err := s.open(ev.Choice, ev.Kind, 0)
	if c == nil {
		return err
	}
	text := s.write(c, ev.Text)
	if text == "" || s.hit != nil {
		return nil
	}
	s.ev = *ev
	s.ev.Text = text
	return s.give(&s.ev)
}

// argued watches a call. The name of a tool is none of the model's own words.
func (s *sieve) argued(ev *llm.Event) error {
	c, err := s.open(ev.Choice, llm.ToolDelta, int64(ev.Tool.Index))
	if c == nil {
		return err
	}
	s.ev = *ev
	s.ev.Text = s.write(c, ev.Text)
	if s.hit != nil || s.ev.Text == "" && ev.Kind == llm.ToolDelta {
		return nil
	}
	return s.give(&s.ev)
}

// reasoned watches reasoning; what is encrypted passes. A signature of text that was edited is
// wrong, and goes: the provider would refuse the block.
func (s *sieve) reasoned(ev *llm.Event) error {
	r := ev.Reasoning
	if r.Type == llm.ReasoningEncrypted || r.Data != "" {
		if err := s.flush(ev.Choice); err != nil || s.hit != nil {
			return err
		}
		return s.give(ev)
	}
	key := r.Index << 1
	if r.Type == llm.ReasoningSummary {
		key++
	}
	c, err := s.open(ev.Choice, llm.ReasoningDelta, key)
	if c == nil {
		return err
	}
	c.detail = llm.ReasoningDetail{Type: r.Type, Format: r.Format, Index: r.Index}
	text := s.write(c, r.Text+r.Summary)
	if r.Signature != "" { // ends its block
		text += s.close(c)
	}
	if s.hit != nil {
		return nil
	}
	s.ev, s.detail = *ev, *r
	s.ev.Reasoning = &s.detail
	if fill(&s.detail, text); r.Signature != "" && slices.Contains(c.edited, r.Index) {
		s.detail.Signature = ""
		s.lose("reasoning_details", "a content filter edited the reasoning, which its signature no longer fits: the provider will not take it back")
	}
	if text+s.detail.Signature+r.ID == "" {
		return nil
	}
	return s.give(&s.ev)
}

// fill makes text what a piece of reasoning says.
func fill(r *llm.ReasoningDetail, text string) {
	r.Text, r.Summary = text, ""
	if r.Type == llm.ReasoningSummary {
		r.Text, r.Summary = "", text
	}
}

// showed watches what is said in sound, and what an image was made from. Sound and images
// themselves are not looked into.
func (s *sieve) showed(ev *llm.Event) error {
	m := ev.Media
	s.media = *m
	if m.Transcript != "" {
		c, err := s.open(ev.Choice, llm.MediaDelta, 0)
		if c == nil {
			return err
		}
		s.media.Transcript = s.write(c, m.Transcript)
	}
	if m.Revised != "" {
		clean, found := s.set.Redact(m.Revised, filter.Answer)
		s.count(found)
		s.media.Revised = clean
	}
	if s.hit != nil || m.Transcript != "" && s.media == (llm.MediaOut{Kind: m.Kind}) {
		return nil
	}
	s.ev = *ev
	s.ev.Media = &s.media
	return s.give(&s.ev)
}

// noted looks at what an annotation quotes.
func (s *sieve) noted(ev *llm.Event) error {
	s.at(ev.Choice)
	g := guard{set: s.set, answer: true}
	raw := g.json(ev.Raw)
	if s.count(g.found); s.hit != nil {
		return nil
	}
	s.ev = *ev
	s.ev.Raw = raw
	return s.give(&s.ev)
}

func (s *sieve) lose(path, why string) {
	for _, l := range s.lost {
		if l.Path == path {
			return
		}
	}
	s.lost = append(s.lost, llm.Loss{Path: path, Why: why})
}

func (s *sieve) end(ev *llm.Event) error {
	if len(ev.Frame) > 0 {
		return s.frame(ev)
	}
	for i := range s.choices {
		if err := s.flush(i); err != nil || s.hit != nil {
			return err
		}
	}
	return s.give(ev)
}

// errCut says that an answer was ended in good order before the provider had ended it.
var errCut = errors.New("the answer was cut")

// stop ends an answer in which something blocks. Before the client has any of it, it gets an
// error; after, the end of an answer that was filtered, where its API has one. What the
// provider has done is paid: whole says that its usage has come.
func (x *exchange) stop(e *catalog.Endpoint, whole bool) error {
	if !x.req.Stream && !whole { // the answer is there: the end says what it took
		return nil
	}
	s := x.sieve
	s.ended = true
	if whole {
		x.usage = x.metered(e, x.usage)
	} else {
		x.usage = x.abandoned()
	}
	x.rec.Finish, x.rec.Native = llm.FinishFilter, string(llm.FinishFilter)
	if !x.committed || x.req.From.Operation() != llm.Generate {
		return x.blocked(filter.Withheld(*s.hit), []filter.Finding{*s.hit})
	}
	for i := range s.choices {
		if c := &s.choices[i]; c.seen && !c.stopped {
			if err := x.give(e, &llm.Event{Kind: llm.Stop, Choice: i, Finish: llm.FinishFilter, Native: string(llm.FinishFilter)}); err != nil {
				return err
			}
		}
	}
	u := x.usage
	if err := x.give(e, &llm.Event{Kind: llm.End, Usage: &u}); err != nil {
		return err
	}
	return errCut
}

// blockedAnswer reports that the answer was ended because something in it blocks.
func (x *exchange) blockedAnswer() bool { return x.sieve != nil && x.sieve.ended }

// sifted moves what was found in the answer into the record, once.
func (x *exchange) sifted() {
	if s := x.sieve; s != nil {
		x.rec.Filtered = append(x.rec.Filtered, s.tally...)
		x.rec.Lost = append(x.rec.Lost, s.lost...)
		s.tally, s.lost = nil, nil
	}
}

// unread is the failure of an adapter that hands on what the filters must see.
func unread() error {
	return fault.Wrap(fault.Internal, errors.New("an answer came in frames that content filters cannot read"))
}

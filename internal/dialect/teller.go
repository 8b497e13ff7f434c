package dialect

import (
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// ErrStopped says that whoever reads the events of an answer wants no more.
var ErrStopped = errors.New("stopped")

// Teller tells the events of an answer, one at a time in one place: an event is good until
// the next. What reads an upstream's wire has one in it.
type Teller struct {
	yield  func(*llm.Event, error) bool
	Event  llm.Event
	Early  *llm.Usage // what is known of the usage so far; it goes with every event
	losses []llm.Loss
}

// NewTeller tells whoever yield calls.
func NewTeller(yield func(*llm.Event, error) bool) Teller { return Teller{yield: yield} }

// Tell tells what is in Event. The error is ErrStopped.
func (t *Teller) Tell() error {
	if !t.yield(&t.Event, nil) {
		return ErrStopped
	}
	return nil
}

// Send tells an event. The error is ErrStopped.
func (t *Teller) Send(ev llm.Event) error {
	t.Event = ev
	t.Event.Usage = t.Early
	return t.Tell()
}

// Lose notes what of the answer the events cannot hold; the last event says it.
func (t *Teller) Lose(path, why string) { t.losses = LoseOnce(t.losses, path, why) }

// End tells the last event. The error is ErrStopped.
func (t *Teller) End(u *llm.Usage) error {
	t.Event = llm.Event{Kind: llm.End, Usage: u, Losses: t.losses}
	return t.Tell()
}

// Close ends the sequence with the error of who read the answer, unless nobody wants it.
func (t *Teller) Close(err error) {
	if err != nil && err != ErrStopped {
		t.yield(nil, err)
	}
}

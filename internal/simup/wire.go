package simup

import (
	"iter"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A wire is what a dialect must do. Its methods keep nothing between calls.
type wire interface {
	name() string // in the invoice
	// key is the credential a client shows; "" is none.
	key(*http.Request) string
	// badKey refuses a wrong key; shown is false where there was none at all.
	badKey(shown bool) *refusal
	noModel(id string) *refusal
	badJSON() *refusal
	// overload is the status of a server that has no room.
	overload() int

	// decode reads the body into a, whose model is already known.
	decode(a *ask, body rawjson.Node) *refusal
	// begin gives a reply the ids that the dialect has.
	begin(*reply)
	// whole appends the body of an answer that is not streamed.
	whole(dst []byte, r *reply) []byte
	// frames yields a stream's frames, whose bytes are good until the next one. What a
	// frame adds is counted as made before it is yielded.
	frames(*reply) iter.Seq[frame]

	// headers are the dialect's own, beside Content-Type.
	headers(h http.Header, requestID string, d *dice, now time.Time)
	// refuse appends the body of an error.
	refuse(dst []byte, e *refusal, requestID string) []byte
	// event appends an error as a frame of a stream.
	event(dst []byte, r *reply, e *refusal) []byte
	streamType(*ask) string
	jsonType() string
}

// A frame is one piece of a stream as it goes over the wire.
type frame struct {
	data    []byte
	content bool // it adds to the answer
}

// Package dialect defines what a wire protocol must be able to do: a Surface faces
// clients, an Adapter faces upstreams. Each dialect is a pure package below this one:
// bytes and values, no network, no clock, no shared state.
package dialect

import (
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Header is an HTTP header as data. Keys are in canonical form.
type Header = map[string][]string

// Get is the first value of a canonical key.
func Get(h Header, key string) string {
	if v := h[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// JSON is the headers of a call whose body is JSON. They are the caller's to add to.
func JSON() Header { return Header{"Content-Type": typeJSON} }

var typeJSON = []string{"application/json"} // of all calls: a value is replaced, never changed

// Inbound is a client's call as data. What its URL says is in the Surface.
type Inbound struct {
	Header Header
	Body   []byte
}

// Call is ours to an upstream. Path is below the provider's base URL and may hold a
// query. The body is the concatenation of its segments, which the sender does not change:
// a large prompt is spliced, not copied. The headers are the sender's to add to.
type Call struct {
	Method, Path string
	Header       Header
	Body         [][]byte
}

// Reply is an upstream's successful answer. Reading Body may block; the reader of Body
// knows the deadlines.
type Reply struct {
	Status int
	Header Header
	Body   io.Reader
	Stream bool   // the request asked for a stream
	ID     string // what to call an answer that brings no id
	Model  string // and no model

	Created time.Time // when, for one that does not say it
}

// MaxFrame bounds one event of a stream; MaxBody a whole answer. Beyond them an attempt
// fails: nothing is skipped.
const (
	MaxFrame = 16 << 20
	MaxBody  = 64 << 20
)

// Target is the endpoint a request is encoded for.
type Target struct {
	Model     string // exactly what goes upstream
	MaxOutput int64  // the endpoint's limit of output tokens, 0 unknown
	Clamp     int64  // the limit we impose because credit ends there, 0 none
	Reasoning ReasoningStyle

	// Parameters are the optional ones that the endpoint is known to take, in the spelling
	// of `supported_parameters`; nil unknown.
	Parameters []string

	// Buffer is lent for the body of the call, which then lives no longer than it; nil: the
	// body has memory of its own.
	Buffer []byte
}

// Room is where to write a body of about n bytes.
func (t *Target) Room(n int) []byte {
	if cap(t.Buffer) < n {
		return make([]byte, 0, n)
	}
	return t.Buffer[:0]
}

// ReasoningStyle is how an endpoint wants reasoning to be asked for.
type ReasoningStyle struct {
	Effort   bool     // takes an effort word
	Budget   bool     // takes a token budget
	Efforts  []string // the effort words it takes; nil any
	Adaptive bool     // Anthropic's thinking:{type:"adaptive"} with output_config.effort
}

// An Adapter is the half of a dialect that faces an upstream.
type Adapter interface {
	Dialect() llm.Dialect

	// EncodeRequest may ask for media by a *Wants error, once. It must not change req: the next attempt reads it again. The call may
	// share memory with req.
	EncodeRequest(req *llm.Request, to Target) (Call, []llm.Loss, error)

	// Events reads a 2xx answer, streamed or not, into one shape: see llm.EventKind. The
	// event is reused between steps. An answer that breaks off before its protocol's
	// terminal event is an error of kind Broken, also when everything looked whole. It
	// never yields after an error.
	Events(req *llm.Request, r Reply) iter.Seq2[*llm.Event, error]

	// Failure classifies an answer that is not 2xx. The body is its first 64 KiB.
	Failure(status int, h Header, body []byte) *fault.Error
}

// A Raiser is an Adapter that may ask for more output than the request's own limit, so that
// thinking has room beside the answer. Credit is held for what it asks for.
type Raiser interface {
	Adapter
	// Raised is the most tokens of output that a call for req may ask for, 0 no more than its own
	// limit.
	Raised(req *llm.Request, to Target) int64
}

// Wants is EncodeRequest's error when its wire takes media inline only and the request
// refers to some by URL. The gateway gets them into Request.Fetched and encodes again.
type Wants struct{ URLs []string }

func (w *Wants) Error() string {
	return "media is wanted inline: " + strings.Join(w.URLs, ", ")
}

// Want notes a URL that llm.Request.Inline has found nothing for, and reports whether it is
// one that can be fetched.
func (w *Wants) Want(url string) bool {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return false
	}
	if !slices.Contains(w.URLs, url) {
		w.URLs = append(w.URLs, url)
	}
	return true
}

// Err is w when something is wanted.
func (w *Wants) Err() error {
	if len(w.URLs) == 0 {
		return nil
	}
	return w
}

// A Relay is an Adapter that can hand its frames on unparsed to a Surface of the same
// dialect. Frames yields Frame events and one End; the rules of Events hold.
type Relay interface {
	Adapter
	Frames(req *llm.Request, r Reply) iter.Seq2[*llm.Event, error]
}

// A Surface is the half of a dialect that faces clients.
type Surface interface {
	Dialect() llm.Dialect

	// DecodeRequest reads the head of a request and checks everything that can be
	// checked without knowing the endpoint. in.Body must stay unchanged while the
	// request is in use. The error is a *fault.Error.
	DecodeRequest(in Inbound) (*llm.Request, error)

	// Encode starts the answer to one request.
	Encode(req *llm.Request, a *Answer) Encoder

	// EncodeError renders an error before anything has been sent: an HTTP body.
	EncodeError(dst []byte, e *fault.Error, meta []byte) []byte
}

// An Addressed is a Surface whose URL names the model, which counts more than the body's.
type Addressed interface {
	Surface
	ModelInURL() string
	// WithModel is the surface of the same URL with another model; "" leaves it to the body.
	WithModel(model string) Surface
}

// An Encoder writes one answer in a surface's dialect.
type Encoder interface {
	// Event appends an event's frames to dst. For a request that does not stream it
	// returns dst unchanged until End, then the whole body.
	Event(dst []byte, ev *llm.Event) ([]byte, error)
	// Fail appends a well-formed end for an answer that broke off, so that no client takes
	// it for whole. For a request that does not stream it is the whole body. Where the
	// format has no such end it appends nothing, and the connection is cut.
	Fail(dst []byte, e *fault.Error) []byte
	// KeepAlive appends something that clients ignore, nothing where there is no such thing.
	KeepAlive(dst []byte) []byte
}

// A Cutter is an Encoder whose Fail tells what happened and does not end the answer for
// every client: the connection is cut after it.
type Cutter interface {
	Encoder
	Cuts() bool
}

// A Reporter is an Encoder that knows what of an answer it had no place for. It is asked once,
// before End.
type Reporter interface{ Losses() []llm.Loss }

// Answer is what the gateway knows about an answer beside its events. The gateway fills
// the fields as they become known: the route before the first event, Charged and Completed before End.
type Answer struct {
	GenerationID string
	Created      time.Time
	Completed    time.Time // when the answer ended, zero before
	Model        string    // slug of the model that serves
	Provider     string    // display name
	Charged      *Charge
	Meta         []byte // raw JSON of openrouter_metadata, nil when not asked for
	ContentType  string
}

// Charge is what a finished answer costs.
type Charge struct {
	Cost                         money.Amount // what the account pays
	Upstream                     money.Amount // what the upstream's price list says
	UpstreamPrompt, UpstreamComp money.Amount
	BYOK                         bool
}

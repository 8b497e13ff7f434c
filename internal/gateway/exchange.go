package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// exchange is one request while it is being served. One goroutine owns it; mu guards only
// what the keep-alive timer touches too.
type exchange struct {
	g       *Gateway
	ctx     context.Context
	surface dialect.Surface
	started time.Time

	body   []byte
	pooled *[]byte
	key    *account.Key
	rules  *directory.Rules
	policy policy.Effective // of the rules, and of the key
	req    *llm.Request
	plan   route.Plan

	catalogue *Catalogue // that the plan was made with

	ignored  []llm.Loss       // wishes of the request, or of its preset, that are not fulfilled
	unfit    []llm.Loss       // settings of a preset that have no place in the request
	named    string           // the model as the client wrote it, where a preset changed it
	prompt   int64            // estimated tokens
	receipt  bool             // the client wants one
	egress   []receipt.Egress // what left the gateway, when it does
	paced    bool             // the key has rate limits, and has been let in
	expected int64            // tokens that were taken of the key's rate
	paying   string           // the account's own credential of the current attempt, "" the operator's
	clamp    int64            // output limit where credit ends, 0 none
	heldID   ledger.HoldID
	answer   dialect.Answer
	enc      dialect.Encoder
	rec      generation.Record
	settled  bool
	noLoss   bool                   // a loss refuses the request
	kept     keeper                 // of the current attempt
	shape    *shape                 // of the current attempt's answer, nil when no schema is demanded
	sieve    *sieve                 // of the current attempt's answer, nil when no content filter looks at answers
	said     *transcript.Transcript // nil: nobody is to have it

	usage     llm.Usage // the last counts of the current attempt
	delivered int64     // bytes of answer in the current attempt
	frames    int64     // content events in the current attempt
	loss      money.Amount
	err       error        // how the request ended
	sending   atomic.Int32 // request bodies that a connection may still be reading

	mu        sync.Mutex
	w         http.ResponseWriter
	flusher   http.Flusher
	pending   []byte  // encoded, not yet written
	lent      *[]byte // what pending began as
	committed bool    // the client has content, or is about to
	sent      bool    // the status is out
	lastWrite time.Time
	deadline  time.Time
	keepAlive *time.Timer
	closed    bool
}

func (g *Gateway) exchange(w http.ResponseWriter, r *http.Request, s dialect.Surface) *exchange {
	now := g.Now()
	x := &exchange{g: g, ctx: r.Context(), surface: s, started: now, w: w}
	x.flusher, _ = w.(http.Flusher)
	x.answer = dialect.Answer{GenerationID: g.newID(now), Created: now}
	x.rec = generation.Record{ID: x.answer.GenerationID, Created: now, API: apiOf[s.Dialect().Operation()], Surface: s.Dialect(),
		Referer: truncate(r.Header.Get("Http-Referer"), 512), UserAgent: truncate(r.Header.Get("User-Agent"), 256),
		Title: truncate(firstOf(dialect.Get(r.Header, "X-Openrouter-Title"), dialect.Get(r.Header, "X-Title")), 256)}
	x.receipt = truthy(dialect.Get(r.Header, "X-Dragoman-Receipt"))
	x.noLoss = g.NoLoss || truthy(dialect.Get(r.Header, "X-Dragoman-Strict"))
	w.Header()["X-Generation-Id"] = []string{x.answer.GenerationID}
	return x
}

// apiOf is what a generation record calls an operation (reference §2, GET /generation).
var apiOf = map[llm.Operation]string{
	llm.Generate: "completions", llm.Embed: "embeddings", llm.Rerank: "rerank",
	llm.Speak: "tts", llm.Transcribe: "stt", llm.Draw: "images",
}

func truthy(v string) bool { return v == "1" || v == "true" || v == "yes" }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func truncate(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// answers lends buffers for what waits to be written.
var answers = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

// bodies lends buffers for request bodies up to maxPooled bytes, and smallBodies for those
// that say that they are small: a thousand streams that wait hold a thousand of them.
var (
	bodies      = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}
	smallBodies = sync.Pool{New: func() any { b := make([]byte, 0, smallBody); return &b }}
)

const (
	maxPooled = 4 << 20
	smallBody = 2 << 10
)

// bodiesOf is the pool for a request of n bytes, or for a buffer with room for as many; -1
// is unknown.
func bodiesOf(n int64) *sync.Pool {
	if n >= 0 && n <= smallBody {
		return &smallBodies
	}
	return &bodies
}

// read takes in the whole body, bounded: a request is routed by what it holds, and sent
// again when an endpoint fails.
func (x *exchange) read(r *http.Request) error {
	if err := fault.Encoded(r.Header.Get("Content-Encoding")); err != nil {
		return err
	}
	limit := x.g.MaxBody
	if r.ContentLength > limit {
		return tooLarge(limit)
	}
	x.pooled = bodiesOf(r.ContentLength).Get().(*[]byte)
	buf := (*x.pooled)[:0]
	if n := r.ContentLength; n > int64(cap(buf)) {
		buf = make([]byte, 0, n)
	}
	for {
		if len(buf) == cap(buf) {
			if r.ContentLength >= 0 && int64(len(buf)) == r.ContentLength {
				break
			}
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if slow, ok := errors.AsType[*fault.Error](err); ok {
			return slow
		}
		if err != nil {
			return &fault.Error{Kind: fault.Invalid, Public: "The request body broke off before its end", Err: err}
		}
	}
	x.body = buf
	*x.pooled = buf
	return nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, fmt.Sprintf("The request body is larger than %d bytes; send less, or raise limits.max_body", limit))
}

// close stops the timer and lends the body's buffer again, unless a connection may still
// be reading it: an upstream may answer before it has taken in the whole request.
func (x *exchange) close() {
	x.mu.Lock()
	x.closed = true
	if x.keepAlive != nil {
		x.keepAlive.Stop()
	}
	x.mu.Unlock()
	x.pending = x.pending[:0]
	x.giveBack()
	if x.req != nil {
		x.req.Doc.Free()
		x.req.Doc = nil // whoever still looks fails, and does not read another's request
	}
	if x.pooled != nil && cap(*x.pooled) <= maxPooled && x.sending.Load() == 0 {
		bodiesOf(int64(cap(*x.pooled))).Put(x.pooled)
	}
}

// giveBack lends the buffer of what waits to be written to others, once nothing does. The
// timer writes nothing of it.
func (x *exchange) giveBack() {
	if x.lent == nil || len(x.pending) > 0 {
		return
	}
	if cap(x.pending) <= maxPending {
		*x.lent = x.pending
		answers.Put(x.lent)
	}
	x.lent, x.pending = nil, nil
}

// refuse answers a request that never got an upstream.
func (x *exchange) refuse(err error) {
	x.err = err
	e := fault.As(err)
	if e.Kind == fault.Internal {
		x.g.Log.Error("request refused", "generation", x.rec.ID, "err", err)
	}
	if e.Kind != fault.Gone {
		x.fail(e)
	}
}

// fail tells the client about an error: with a status when nothing has been sent, else
// with the well-formed end of a broken answer.
func (x *exchange) fail(e *fault.Error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer.Meta = x.metadata(true)
	if len(x.rec.Attempts) > 0 {
		c := *e
		c.Generation, e = x.rec.ID, &c
	}
	if x.sent && x.enc != nil {
		before := len(x.pending)
		x.pending = x.enc.Fail(x.pending, e)
		honest := len(x.pending) > before
		if c, ok := x.enc.(dialect.Cutter); ok && c.Cuts() {
			honest = false
		}
		x.write()
		if !honest { // bytes that know no ending but the connection's, such as audio
			panic(http.ErrAbortHandler)
		}
		return
	}
	x.sent, x.closed = true, true
	out := x.surface.EncodeError(nil, e, x.answer.Meta)
	h := x.w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(len(out))}
	if e.RetryAfter > 0 {
		h["Retry-After"] = []string{strconv.Itoa(int((e.RetryAfter + time.Second - 1) / time.Second))}
	}
	x.w.WriteHeader(e.HTTPStatus())
	x.w.Write(out) // a client that cannot be told is gone: there is nobody else to tell
}

package gateway

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// writeDeadline is how long one write may wait for a slow client.
const writeDeadline = 2 * time.Minute

// commit sends the status and what was kept back, once. From here no other endpoint may
// answer. The hold is durable first: no content leaves that a crash could make free of a
// trace. The caller holds mu.
func (x *exchange) commit() error {
	if x.committed {
		return nil
	}
	if !x.settled {
		if err := x.g.Store.AwaitHold(x.ctx, x.heldID); err != nil {
			return &fault.Error{Kind: fault.Unavailable, Public: "The ledger cannot be reached; nothing was charged, try again", Err: err}
		}
	}
	x.committed = true
	if !x.sent {
		x.header()
	}
	return x.write()
}

// Values that all streams share: nobody changes them.
var noCache, noBuffer = []string{"no-cache"}, []string{"no"}

// header sends the status line of an answer. The caller holds mu.
func (x *exchange) header() {
	h := x.w.Header()
	h["Content-Type"] = []string{x.answer.ContentType}
	if x.req.Stream {
		h["Cache-Control"] = noCache
		h["X-Accel-Buffering"] = noBuffer
	} else {
		h["Content-Length"] = []string{strconv.Itoa(len(x.pending))}
	}
	if x.shape != nil && !x.req.Stream {
		h["X-Dragoman-Schema"] = []string{x.shape.header()}
	}
	if x.committed {
		h["X-Dragoman-Provider"] = []string{x.answer.Provider}
		if lost := lostPaths(x.rec.Lost); lost != "" {
			h["X-Dragoman-Dropped"] = []string{lost}
		}
	}
	x.sent = true
	x.w.WriteHeader(http.StatusOK)
}

// write sends what is pending. The caller holds mu.
func (x *exchange) write() error {
	if len(x.pending) == 0 {
		return nil
	}
	now := x.g.Now()
	if now.After(x.deadline.Add(-writeDeadline / 2)) {
		x.deadline = now.Add(writeDeadline)
		// An error means the writer has no deadlines; then the connection's own hold.
		_ = http.NewResponseController(x.w).SetWriteDeadline(x.deadline)
	}
	x.lastWrite = now
	_, err := x.w.Write(x.pending)
	x.rec.AnswerBytes += int64(len(x.pending))
	x.pending = x.pending[:0]
	if err != nil {
		return fault.Wrap(fault.Gone, err)
	}
	if x.req.Stream && x.flusher != nil {
		x.flusher.Flush()
	}
	return nil
}

// beat keeps a silent stream alive until it ends. It runs on its own timer.
func (x *exchange) beat() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed || x.ctx.Err() != nil {
		return
	}
	if x.g.Now().Sub(x.lastWrite) >= x.g.KeepAlive && x.enc != nil {
		mark := x.enc.KeepAlive(nil)
		if len(mark) == 0 { // raw bytes have no comment, and a status sent now would promise some
			x.keepAlive.Reset(x.g.KeepAlive)
			return
		}
		if !x.sent {
			x.header()
		}
		if _, err := x.w.Write(mark); err != nil {
			return
		}
		if x.flusher != nil {
			x.flusher.Flush()
		}
		x.lastWrite = x.g.Now()
	}
	x.keepAlive.Reset(x.g.KeepAlive)
}

// lostPaths is the JSON paths of losses for a response header, bounded.
func lostPaths(lost []llm.Loss) string {
	if len(lost) == 0 {
		return ""
	}
	var b strings.Builder
	for _, l := range lost {
		if b.Len()+len(l.Path) > 1024 {
			b.WriteString(", ...")
			break
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strings.Map(printable, l.Path))
	}
	return b.String()
}

// printable keeps a client's own field names from becoming header syntax.
func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return '?'
	}
	return r
}

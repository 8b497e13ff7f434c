package simup

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// wait is false when the client left meanwhile.
func (v *visit) wait(d time.Duration) bool {
	if d <= 0 {
		return v.r.Context().Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-v.r.Context().Done():
		return false
	}
}

// head sends status and headers; a negative length is a body in chunks.
func (v *visit) head(status int, contentType string, length int) {
	h := v.w.Header()
	set(h, "Content-Type", contentType)
	v.wire.headers(h, v.line.RequestID, &v.dice, v.now)
	if length >= 0 {
		set(h, "Content-Length", strconv.Itoa(length))
	}
	v.line.Status = status
	v.w.WriteHeader(status)
}

// refuse sends an error. It is never billable.
func (v *visit) refuse(e *refusal) {
	v.settledStatus(e.status)
	if e.retryAfter > 0 && v.wire.name() != "gemini" { // Gemini says it in the body
		set(v.w.Header(), "Retry-After", strconv.Itoa(e.retryAfter))
	}
	v.body(e.status, v.wire.jsonType(), v.wire.refuse(nil, e, v.line.RequestID))
}

func (v *visit) settledStatus(status int) {
	v.line.Status = status
	v.settle(fmt.Sprintf("status %d", status), false)
}

// body sends a whole body through the faults that concern bytes.
func (v *visit) body(status int, contentType string, b []byte) {
	f := &v.fault
	if f.Empty {
		b = nil
	}
	if f.Malformed {
		b = append(b[:len(b)*2/3:len(b)*2/3], "}]}"...)
	}
	if f.Truncated {
		b = b[:len(b)/2]
	}
	if f.Gzip {
		b = zipped(b)
		set(v.w.Header(), "Content-Encoding", "gzip")
	}
	length := len(b)
	if f.Cut {
		v.out.limit = f.CutAt
		if f.CleanEnd {
			length = min(length, f.CutAt)
		}
	}
	v.head(status, contentType, length)
	v.ended(v.write(b))
}

func (v *visit) write(b []byte) error {
	_, err := v.out.Write(b)
	return err
}

// ended acts on how the writing of a body ended: a cut ends the connection too.
func (v *visit) ended(err error) {
	switch {
	case err == nil:
	case !errors.Is(err, errCut):
		v.settle("client left", true)
	default:
		v.settle("cut", true)
		if !v.fault.CleanEnd {
			v.out.kill(v.fault.Reset)
		}
	}
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(b) // a buffer takes everything
	z.Close()
	return buf.Bytes()
}

const proxyPage = "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// answer sends what the fault or the ask wants.
func (v *visit) answer(mem *scratch) {
	f := &v.fault
	if !v.wait(f.Stall) {
		v.settle("client left", false)
		return
	}
	switch {
	case f.HTML:
		status := f.Status
		if status == 0 {
			status = http.StatusBadGateway
		}
		v.settledStatus(status)
		text := fallbackMessage(status)
		v.body(status, "text/html", fmt.Appendf(nil, proxyPage, status, text, status, text))
	case f.Status >= 300:
		v.refuse(statusRefusal(f.Status, f.RetryAfter))
	case f.Empty:
		v.line.Status = http.StatusOK
		v.settle("empty body", false)
		v.body(http.StatusOK, v.wire.jsonType(), nil)
	default:
		v.generate(mem)
	}
}

// generate makes the reply and sends it.
func (v *visit) generate(mem *scratch) {
	r := &reply{ask: &v.ask, created: v.now, dice: v.dice, requestID: v.line.RequestID, fault: &v.fault}
	r.choices = make([]answer, v.ask.n)
	for i := range r.choices {
		if !v.fault.NoContent {
			r.choices[i] = v.ask.compose(i)
		}
	}
	r.read = v.reading()
	v.wire.begin(r)
	v.line.AnswerID = r.id
	v.line.Prompt, v.line.Cached, v.line.CacheWrite = r.read.tokens, r.read.cached, r.read.wrote5m+r.read.wrote1h
	if !v.wait(v.ask.model.TTFT) {
		v.settle("client left", false)
		return
	}
	if v.ask.stream {
		v.stream(mem, r)
	} else {
		v.whole(mem, r)
	}
}

// reading counts the prompt, with what the cache has of it.
func (v *visit) reading() reading {
	p, c, salt := &v.ask.prompt, v.server.cache, v.company.Slug+" "+v.ask.model.ID
	out := reading{tokens: p.tokens()}
	switch {
	case out.tokens < minCached:
	case v.wire.name() == "anthropic" || v.wire.name() == "converse":
		out.cached, out.wrote5m, out.wrote1h = c.explicit(salt, p, v.now)
	default:
		out.cached = c.implicit(salt, p, v.now)
	}
	return out
}

// whole sends an answer that is not streamed, after the time it takes to make.
func (v *visit) whole(mem *scratch, r *reply) {
	for i := range r.choices {
		r.choices[i].complete()
	}
	output, reasoning := r.made()
	if pace := v.ask.model.TokensPerSecond; pace > 0 {
		begin := time.Now()
		if !v.wait(time.Duration(float64(output) / pace * float64(time.Second))) {
			v.line.Output = min(output, int64(time.Since(begin).Seconds()*pace))
			v.line.Reasoning = min(reasoning, v.line.Output)
			v.settle("client left", true)
			return
		}
	}
	v.line.Status = http.StatusOK
	if v.fault.ErrorEvent {
		v.settle("error event", false)
		v.body(http.StatusOK, v.wire.jsonType(), v.wire.refuse(nil, &refusal{status: v.wire.overload()}, v.line.RequestID))
		return
	}
	v.line.Output, v.line.Reasoning = output, reasoning
	mem.out = v.wire.whole(mem.out[:0], r)
	if !v.fault.Cut {
		v.settle(v.brokenBody(), true)
	}
	v.body(http.StatusOK, v.wire.jsonType(), mem.out)
	v.settle("", true)
}

// brokenBody names the fault that makes an answer unusable although all was sent.
func (v *visit) brokenBody() string {
	switch {
	case v.fault.Malformed:
		return "malformed"
	case v.fault.Truncated:
		return "truncated"
	case v.fault.NoTerminator && v.ask.stream:
		return "no terminator"
	}
	return ""
}

// stream sends an answer frame by frame, at the model's pace; all at once where there is
// neither a pace nor a fault that needs time.
func (v *visit) stream(mem *scratch, r *reply) {
	if v.fault.Gzip {
		set(v.w.Header(), "Content-Encoding", "gzip")
	}
	if v.fault.Cut {
		v.out.limit = v.fault.CutAt
	}
	v.head(http.StatusOK, v.wire.streamType(&v.ask), -1)
	if v.ask.model.TokensPerSecond == 0 && !v.fault.frameByFrame() {
		mem.out = mem.out[:0]
		for f := range v.frames(r) {
			mem.out = append(mem.out, f.data...)
		}
		v.line.Output, v.line.Reasoning = r.made()
		v.settle(v.brokenBody(), true)
		v.ended(v.write(mem.out))
		return
	}
	v.ended(v.paced(mem, r))
}

// paced writes one frame at a time. It stays one frame behind the generator, so that the
// invoice has its line before the client can see the end.
func (v *visit) paced(mem *scratch, r *reply) error {
	p := pacer{v: v, out: &v.out, begin: time.Now()}
	if v.fault.Gzip {
		z := gzip.NewWriter(&v.out)
		defer z.Close() // of no use to a client that is cut off
		p.out, p.zip = z, z
	}
	mem.out = mem.out[:0]
	waiting := false
	var output, reasoning int64
	for f := range v.frames(r) {
		if waiting {
			if err := p.send(mem.out, output, reasoning); err != nil {
				return err
			}
		}
		mem.out = append(mem.out[:0], f.data...)
		output, reasoning = r.made()
		waiting = true
	}
	if !waiting {
		return nil
	}
	p.last = true
	return p.send(mem.out, output, reasoning)
}

// A pacer sends frames when they are due.
type pacer struct {
	v     *visit
	out   io.Writer
	zip   *gzip.Writer
	begin time.Time
	sent  int
	last  bool
}

// send waits until so many tokens are due, counts them, and writes the frame.
func (p *pacer) send(data []byte, output, reasoning int64) error {
	v := p.v
	var due time.Duration
	if pace := v.ask.model.TokensPerSecond; pace > 0 {
		due = time.Until(p.begin.Add(time.Duration(float64(output) / pace * float64(time.Second))))
	}
	if p.sent > 0 {
		due = max(due, v.fault.Pause)
	}
	p.sent++
	if !v.wait(due) {
		return v.r.Context().Err()
	}
	v.line.Output, v.line.Reasoning = output, reasoning
	if p.last && (v.out.limit < 0 || v.out.sent+len(data) <= v.out.limit) {
		broke := v.brokenBody()
		if v.fault.ErrorEvent {
			broke = "error event"
		}
		v.settle(broke, !v.fault.ErrorEvent)
	}
	if _, err := p.out.Write(data); err != nil {
		return err
	}
	if p.zip != nil {
		if err := p.zip.Flush(); err != nil {
			return err
		}
	}
	return v.out.rc.Flush()
}

// frames are the dialect's, through the faults that concern frames.
func (v *visit) frames(r *reply) iter.Seq[frame] {
	f := &v.fault
	if !f.ErrorEvent && !f.Malformed && !f.Duplicate && !f.Truncated {
		return v.wire.frames(r)
	}
	return func(yield func(frame) bool) {
		content := 0
		if f.ErrorEvent && f.ErrorAfter == 0 {
			yield(v.errorFrame(r))
			return
		}
		for x := range v.wire.frames(r) {
			if f.Truncated && content == 2 {
				yield(frame{data: x.data[:len(x.data)/2]})
				return
			}
			if x.content {
				content++
			}
			if f.Malformed && x.content && content == 1 {
				x.data = append(append([]byte(nil), x.data[:len(x.data)*2/3]...), "\n\n"...)
			}
			if !yield(x) || f.Duplicate && x.content && content == 1 && !yield(x) {
				return
			}
			if f.ErrorEvent && x.content && content == f.ErrorAfter {
				yield(v.errorFrame(r))
				return
			}
		}
	}
}

func (v *visit) errorFrame(r *reply) frame {
	return frame{data: v.wire.event(nil, r, &refusal{status: v.wire.overload()})}
}

package rig

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBody is the largest request the simulated provider takes, in bytes.
const maxBody = 64 << 20

// upstream plays the vendors of the dialects with answers rendered beforehand. The model asked
// for says the answer's shape. It reads every request whole before it answers, as real
// providers do and as a gateway's cost of sending depends on.
type upstream struct {
	bodies sync.Pool // *bytes.Buffer
}

// newUpstream is the simulated provider's handler.
func newUpstream() http.Handler {
	u := &upstream{}
	u.bodies.New = func() any { return new(bytes.Buffer) }
	mux := http.NewServeMux()
	for _, name := range routed {
		d := dialects[name]
		a := d.answer()
		if before, _, inPath := strings.Cut(d.path, "MODEL"); inPath {
			mux.HandleFunc("POST "+before+"{call}", func(w http.ResponseWriter, r *http.Request) { u.serve(w, r, a) })
		} else {
			mux.HandleFunc("POST "+d.path, func(w http.ResponseWriter, r *http.Request) { u.serve(w, r, a) })
		}
	}
	return mux
}

func (u *upstream) serve(w http.ResponseWriter, r *http.Request, a *answer) {
	st, streamed, err := u.read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := w.Header()
	h["X-Request-Id"] = []string{"req_5f2d8c1b7a904e63"}
	if !streamed {
		h["Content-Type"] = []string{"application/json"}
		h["Content-Length"] = []string{strconv.Itoa(len(a.whole))}
		_, _ = w.Write(a.whole) // a client that left is the load's to count
		return
	}
	h["Content-Type"] = []string{"text/event-stream; charset=utf-8"}
	h["Cache-Control"] = []string{"no-cache"}
	u.stream(w, a, st)
}

// read takes the whole body and finds the two fields that matter without parsing it.
func (u *upstream) read(r *http.Request) (stream, bool, error) {
	buf := u.bodies.Get().(*bytes.Buffer)
	defer u.bodies.Put(buf)
	buf.Reset()
	if r.ContentLength > 0 && r.ContentLength <= maxBody {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return stream{}, false, err
	}
	if n > maxBody {
		return stream{}, false, errors.New("request is larger than 64 MiB")
	}
	name, how, inPath := strings.Cut(r.PathValue("call"), ":")
	streamed := how == "streamGenerateContent"
	if !inPath {
		model, ok := bytes.CutPrefix(field(buf.Bytes(), `"model"`), []byte(`"`))
		end := bytes.IndexByte(model, '"')
		if !ok || end < 0 {
			return stream{}, false, errors.New("request names no model")
		}
		name, streamed = string(model[:end]), bytes.HasPrefix(field(buf.Bytes(), `"stream"`), []byte("true"))
	}
	st, err := parseModel(name)
	if err != nil {
		return stream{}, false, err
	}
	if streamed && st.chunks == 0 {
		return stream{}, false, errors.New("model answer does not stream")
	}
	return st, streamed, nil
}

// field is what follows key and its colon. A quoted key inside a JSON string is written
// with backslashes, so the first match outside of one is the field.
func field(body []byte, key string) []byte {
	for {
		i := bytes.Index(body, []byte(key))
		if i < 0 {
			return nil
		}
		body = bytes.TrimLeft(body[i+len(key):], " \n\t\r")
		if value, ok := bytes.CutPrefix(body, []byte(":")); ok {
			return bytes.TrimLeft(value, " \n\t\r")
		}
	}
}

func (u *upstream) stream(w http.ResponseWriter, a *answer, st stream) {
	flush := http.NewResponseController(w).Flush
	start := time.Now()
	if _, err := w.Write(a.head); err != nil {
		return
	}
	for i := range st.chunks {
		if st.gap > 0 && i > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(i) * st.gap)))
		}
		if _, err := w.Write(a.content[i%len(a.content)]); err != nil {
			return
		}
		if err := flush(); err != nil {
			return
		}
	}
	last := a.tail
	if a.last != nil {
		last = a.last(st.chunks)
	}
	_, _ = w.Write(last) // a client that left is the load's to count
}

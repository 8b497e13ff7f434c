package socket

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// frames is the http.ResponseWriter of one request: the events of a stream become messages,
// anything else one message about an error.
type frames struct {
	ctx    context.Context
	x      *connection
	header http.Header
	status int
	rest   []byte // of an event that has not ended, or of a body that is no stream
	err    error
	ended  bool // the response has
}

func (f *frames) Header() http.Header { return f.header }

func (f *frames) WriteHeader(status int) {
	if f.status == 0 {
		f.status = status
	}
}

// Flush does nothing: each event is sent as it comes.
func (f *frames) Flush() {}

func (f *frames) Write(b []byte) (int, error) {
	f.WriteHeader(http.StatusOK)
	if f.err != nil {
		return 0, f.err
	}
	f.rest = append(f.rest, b...)
	if f.status != http.StatusOK {
		return len(b), nil
	}
	for {
		event, rest, ok := sse.Cut(f.rest, false)
		if !ok {
			return len(b), nil
		}
		if len(event.Data) > 0 && !bytes.Equal(event.Data, []byte("[DONE]")) { // which the last message says already
			f.learn(string(event.Event), event.Data)
			if f.err = f.x.send(f.ctx, event.Data); f.err != nil {
				return 0, f.err
			}
		}
		f.rest = append(f.rest[:0], rest...)
	}
}

// learn keeps what the response that an event ends has said.
func (f *frames) learn(name string, event []byte) {
	switch name {
	case "response.failed":
		f.ended = true
	case "response.completed", "response.incomplete":
		f.ended = true
		var d rawjson.Doc
		if d.Parse(event) == nil {
			f.x.past.heard(d.Root().Get("response"))
		}
	}
}

// finish sends what an error said, or reports a stream that broke off.
func (f *frames) finish() error {
	switch {
	case f.err != nil:
		return f.err
	case f.status == http.StatusOK && f.ended:
		return nil
	case f.status == http.StatusOK:
		return errBroken
	}
	m := strconv.AppendInt([]byte(`{"type":"error","status":`), int64(f.status), 10)
	var d rawjson.Doc
	if d.Parse(f.rest) == nil && d.Root().Get("error").Exists() {
		m = append(append(m, `,"error":`...), d.Root().Get("error").Raw()...)
	}
	return f.x.send(f.ctx, append(m, '}'))
}

// errorMessage is an error that no request was made for.
func errorMessage(e *fault.Error) []byte {
	code := e.Code
	if code == "" {
		code = e.ErrorType()
	}
	m := strconv.AppendInt([]byte(`{"type":"error","status":`), int64(e.HTTPStatus()), 10)
	m = rawjson.AppendString(append(m, `,"error":{"type":"invalid_request_error","code":`...), code)
	m = rawjson.AppendString(append(m, `,"message":`...), e.Message())
	if e.Param != "" {
		m = rawjson.AppendString(append(m, `,"param":`...), e.Param)
	}
	return append(m, "}}"...)
}

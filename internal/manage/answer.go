package manage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// data is the shape of most answers.
type data struct {
	Data any `json:"data"`
}

// created is an answer with status 201.
type created struct{ body any }

// accepted is an answer with status 202.
type accepted struct{ body any }

// document is an answer that is not JSON of ours to encode.
type document struct {
	mediaType string
	body      []byte
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, out any) {
	status := http.StatusOK
	switch v := out.(type) {
	case document:
		write(w, status, v.mediaType, v.body)
		return
	case redirect:
		a.redirect(w, v.to)
		return
	case created:
		status, out = http.StatusCreated, v.body
	case accepted:
		status, out = http.StatusAccepted, v.body
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		a.refuse(w, r, fmt.Errorf("encode an answer: %w", err))
		return
	}
	write(w, status, jsonType, b.Bytes())
}

// refuse is how every error of the API is written.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if e, ok := errors.AsType[*tokenError](err); ok {
		a.refuseToken(w, e)
		return
	}
	f := fault.As(err)
	if f.Err != nil && f.Kind != fault.Gone {
		a.Log.Error("management request failed", slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", f.Err))
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())+1))
	}
	write(w, f.HTTPStatus(), jsonType, envelope(r).EncodeError(nil, f, nil))
}

const jsonType = "application/json"

func write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store") // answers differ by key, and one holds a secret
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone; there is nobody left to tell
}

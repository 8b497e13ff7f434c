// Package recall is what a client of the Responses API can do when the operator lets
// responses be kept: store one, continue from it by previous_response_id, fetch it, delete
// it. A request that continues from a response becomes one with the whole input, so that no
// provider has to know. Start with Server.Create.
package recall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/store/archive"
)

// Server answers for kept responses. All fields but PresetZDR, Archive and Always are required.
type Server struct {
	Respond      func(http.ResponseWriter, *http.Request, *responses.Kept) // one POST /responses
	Authenticate func(*http.Request, time.Time) (*account.Key, error)
	ZDR          func(*account.Key) bool // nothing of this key's requests may be kept
	// PresetZDR reports whether the preset that a request names demands that nothing is kept;
	// nil: there are none.
	PresetZDR func(*account.Key, rawjson.Node) bool
	Now       func() time.Time
	MaxBody   int64 // bytes of a request, what it continues from included
	Log       *slog.Logger

	Archive *archive.Archive // nil: nothing is kept
	Always  bool             // also what does not say store: only "store": false is not kept
}

// keepTimeout bounds how long the end of an answer waits for the disk.
const keepTimeout = 10 * time.Second

// Create answers POST /responses.
func (s *Server) Create(w http.ResponseWriter, r *http.Request) {
	if s.Archive == nil {
		s.Respond(w, r, nil)
		return
	}
	key, err := s.Authenticate(r, s.Now())
	if err != nil { // it is refused there too, and counted
		s.Respond(w, r, nil)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, s.MaxBody+1))
	var d rawjson.Doc
	if err != nil || int64(len(raw)) > s.MaxBody || d.Parse(raw) != nil || d.Root().Kind() != rawjson.Object {
		s.Respond(w, replay(r, raw, err), nil)
		return
	}
	kept, body, err := s.plan(r.Context(), key, d.Root(), raw)
	if err != nil {
		refuse(w, err)
		return
	}
	s.Respond(w, with(r, body), kept)
}

// replay is a request whose body has been read in part, or until it broke off.
func replay(r *http.Request, raw []byte, broke error) *http.Request {
	rest := io.Reader(r.Body)
	if broke != nil {
		rest = failing{broke}
	}
	c := *r
	c.Body = io.NopCloser(io.MultiReader(bytes.NewReader(raw), rest))
	return &c
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func with(r *http.Request, body []byte) *http.Request {
	c := *r
	c.Body, c.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return &c
}

// plan is what the request has to do with kept responses, and its body without that.
func (s *Server) plan(ctx context.Context, key *account.Key, root rawjson.Node, raw []byte) (*responses.Kept, []byte, error) {
	kept := &responses.Kept{}
	store, before := root.Get("store"), root.Get("previous_response_id")
	keep := store.Bool() || s.Always && store.IsNull()
	if s.ZDR(key) || root.Get("provider").Get("zdr").Bool() || s.PresetZDR != nil && s.PresetZDR(key, root) {
		keep = false // "store": true stays in the request and is reported as what it could not have
	}
	if !keep && before.IsNull() {
		return nil, raw, nil
	}
	items, err := responses.Items(root.Get("input"))
	if err != nil {
		return nil, nil, err
	}
	if !before.IsNull() {
		kept.Previous = before.Str()
		past, err := s.past(ctx, key, kept.Previous)
		if err != nil {
			return nil, nil, err
		}
		items = responses.Join(past, items)
	}
	if int64(len(items)) > s.MaxBody {
		return nil, nil, fault.New(fault.TooLarge, "What this response continues from is longer than a request may be; begin anew with less")
	}
	if keep {
		owner := owner(key)
		kept.Keep = func(id string, response []byte) error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
			defer cancel()
			err := s.Archive.Put(ctx, owner, id, archive.Entry{Input: items, Response: response}, s.Now())
			if err != nil {
				s.Log.Error("response not kept", "response", id, "err", err)
			}
			return err
		}
	}
	if kept.Previous == "" { // the input stays as it was written
		return kept, without(root, raw, "store"), nil
	}
	return kept, whole(root, raw, items, keep), nil
}

// owner is whose responses a key may keep and see: those of its workspace.
func owner(k *account.Key) string { return k.Account + "\x00" + k.Workspace }

// past is the input and output that led to a response and are in it.
func (s *Server) past(ctx context.Context, key *account.Key, id string) ([]byte, error) {
	e, err := s.entry(ctx, key, id)
	if err != nil {
		return nil, err
	}
	var d rawjson.Doc
	if err := d.Parse(e.Response); err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	output, err := responses.Items(d.Root().Get("output"))
	if err != nil {
		return nil, err
	}
	return responses.Join(e.Input, output), nil
}

func (s *Server) entry(ctx context.Context, key *account.Key, id string) (archive.Entry, error) {
	e, err := s.Archive.Get(ctx, owner(key), id, s.Now())
	if errors.Is(err, archive.ErrNotFound) {
		return e, missing(id)
	}
	if err != nil {
		return e, unreadable(err)
	}
	return e, nil
}

// missing is OpenAI's error for a response that is not there.
func missing(id string) error {
	e := fault.Bad("previous_response_id", fmt.Sprintf("Previous response with id '%.100s' not found: it was not stored, has expired or belongs to another workspace. Send the whole input", id))
	e.Code = "previous_response_not_found"
	return e
}

func unreadable(err error) error {
	return &fault.Error{Kind: fault.Unavailable, Public: "The kept responses cannot be read; try again", RetryAfter: 2 * time.Second, Err: err}
}

// without is the body without a member.
func without(root rawjson.Node, raw []byte, name string) []byte {
	var p rawjson.Patch
	p.Remove(root, func(k rawjson.Node) bool { return k.Is(name) })
	return p.Apply(nil, raw)
}

// whole is the body with the whole input.
func whole(root rawjson.Node, raw, items []byte, keep bool) []byte {
	var p rawjson.Patch
	left := false
	p.Remove(root, func(k rawjson.Node) bool {
		name := k.Str()
		if name == "previous_response_id" || name == "input" || name == "store" && keep {
			return true
		}
		left = true
		return false
	})
	input := append(append([]byte{'['}, items...), ']')
	if !left {
		return append(append([]byte(`{"input":`), input...), '}')
	}
	p.Append(root, "input", input)
	return p.Apply(nil, raw)
}

// Retrieve answers GET /responses/{id}.
func (s *Server) Retrieve(w http.ResponseWriter, r *http.Request) {
	key, err := s.authorize(r)
	if err == nil && r.URL.Query().Get("stream") == "true" {
		err = fault.Bad("stream", "A kept response is given whole; leave stream out")
	}
	var e archive.Entry
	if err == nil {
		e, err = s.entry(r.Context(), key, r.PathValue("id"))
	}
	if err != nil {
		refuse(w, notHere(err))
		return
	}
	answer(w, http.StatusOK, e.Response)
}

// Delete answers DELETE /responses/{id}.
func (s *Server) Delete(w http.ResponseWriter, r *http.Request) {
	key, err := s.authorize(r)
	id := r.PathValue("id")
	if err == nil {
		err = s.Archive.Delete(r.Context(), owner(key), id)
	}
	switch {
	case errors.Is(err, archive.ErrNotFound):
		err = notHere(missing(id))
	case err != nil && fault.As(err).Kind == fault.Internal:
		err = unreadable(err)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	out := rawjson.AppendString([]byte(`{"id":`), id)
	answer(w, http.StatusOK, append(out, `,"object":"response","deleted":true}`...))
}

// authorize finds the key of a request about a kept response.
func (s *Server) authorize(r *http.Request) (*account.Key, error) {
	key, err := s.Authenticate(r, s.Now())
	switch {
	case err != nil:
		return nil, err
	case key.Management:
		return nil, fault.New(fault.Denied, "A management key sees no responses; use the inference key's")
	case s.Archive == nil:
		return nil, fault.New(fault.NotFound, "This gateway keeps no responses; its operator can let it with responses.store")
	}
	return key, nil
}

// notHere is the error of a path, where the id is no member of a body.
func notHere(err error) error {
	e := fault.As(err)
	if e.Code != "previous_response_not_found" {
		return err
	}
	return fault.New(fault.NotFound, "Response not found: it was not stored, has expired, was deleted or belongs to another workspace")
}

func refuse(w http.ResponseWriter, err error) {
	e := fault.As(err)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	answer(w, e.HTTPStatus(), responses.Surface{}.EncodeError(nil, e, nil))
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) // a client that cannot be told is gone
}

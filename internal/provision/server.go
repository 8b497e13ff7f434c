// Package provision lets an identity provider keep the members and groups of an organisation
// by SCIM 2.0. It promises that a change counts at once, for keys and sessions, that it is in
// the audit log, and that only a management key that may write members makes one. The
// protocol is package scim's, what groups give is package directory's. Start with Server.
package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/scim"
)

// maxBody bounds a request, in bytes: a group with all its members.
const maxBody = 4 << 20

// Server answers SCIM. All fields are set before use and not changed after.
type Server struct {
	Directory *directory.Directory
	// Authenticate finds the key that a request shows, or says with a *fault.Error why
	// there is none.
	Authenticate func(*http.Request, time.Time) (*account.Key, error)
	Client       func(*http.Request) netip.Addr // the address a request comes from
	Origin       func(*http.Request) string     // scheme and host by which the client knows us
	Now          func() time.Time
	Log          *slog.Logger
}

// visit is one request and who makes it.
type visit struct {
	*http.Request
	*Server
	w   http.ResponseWriter
	now time.Time
	key *account.Key

	rights account.Permission
}

// reply is what is answered: a resource, or a body of another kind.
type reply struct {
	status   int
	resource scim.Resource // with query, else body
	query    scim.Query
	body     any // nil none
}

type method func(*visit) (reply, error)

// Handler answers the paths below scim.Base.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, methods := range map[string]map[string]method{
		"/Users":       {"GET": (*visit).listUsers, "POST": (*visit).createUser},
		"/Users/{id}":  {"GET": (*visit).getUser, "PUT": (*visit).replaceUser, "PATCH": (*visit).patchUser, "DELETE": (*visit).deleteUser},
		"/Groups":      {"GET": (*visit).listGroups, "POST": (*visit).createGroup},
		"/Groups/{id}": {"GET": (*visit).getGroup, "PUT": (*visit).replaceGroup, "PATCH": (*visit).patchGroup, "DELETE": (*visit).deleteGroup},
		"/Me":          {}, "/Bulk": {}, // RFC 7644 §3.11, §3.7: 501 where they are not built
		"/": {"GET": (*visit).discover},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, methods) })
	}
	return http.StripPrefix(scim.Base, mux)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, methods map[string]method) {
	v := &visit{Request: r, Server: s, w: w, now: s.Now().UTC()}
	err := v.admit()
	if err != nil {
		v.refuse(err)
		return
	}
	f, ok := methods[r.Method]
	switch {
	case len(methods) == 0:
		err = &scim.Error{Status: http.StatusNotImplemented, Detail: r.URL.Path + " is not built; use /Users and /Groups"}
	case !ok:
		err = &scim.Error{Status: http.StatusMethodNotAllowed, Detail: r.Method + " is not possible on " + r.URL.Path}
	default:
		var out reply
		if out, err = f(v); err == nil {
			v.answer(out)
			return
		}
	}
	v.refuse(err)
}

// admit lets management keys in that may change members: to look as well, since that is what
// the token of an identity provider is for.
func (v *visit) admit() error {
	key, err := v.Authenticate(v.Request, v.now)
	switch {
	case err != nil:
		return err
	case !v.Directory.Rights(key).Has(account.WriteMembers):
		return fault.New(fault.Denied, "SCIM needs a management key whose role may change members: admin or owner")
	}
	v.key, v.rights = key, v.Directory.Rights(key)
	return nil
}

// discover shows what can be done here.
func (v *visit) discover() (reply, error) {
	doc, ok := scim.Discovery(v.Origin(v.Request) + scim.Base)[v.URL.Path]
	if !ok {
		return reply{}, missing("There is nothing at " + clip(v.URL.Path))
	}
	return reply{body: doc}, nil
}

func clip(s string) string { return fmt.Sprintf("%.128q", s) }

func missing(detail string) error { return &scim.Error{Status: http.StatusNotFound, Detail: detail} }

// change makes a change of the directory with its entry in the audit log.
func (v *visit) change(action, target string, detail any, f func(*directory.Tx) error) error {
	e := audit.Entry{At: v.now, Account: v.key.Account, Actor: string(v.key.Hash), Action: action, Target: target, Detail: "{}"}
	if addr := v.Client(v.Request); addr.IsValid() {
		e.Address = addr.String()
	}
	if raw, err := json.Marshal(detail); err == nil && detail != nil {
		e.Detail = string(raw)
	}
	err := v.Directory.Update(v.Context(), e, f)
	_, refused := errors.AsType[*scim.Error](err)
	_, classified := errors.AsType[*fault.Error](err)
	switch {
	case err == nil, refused, classified, errors.Is(err, errMoved):
		return err
	case errors.Is(err, context.Canceled):
		return fault.Wrap(fault.Gone, err)
	}
	return fault.Wrap(fault.Unavailable, fmt.Errorf("%s: %w", action, err))
}

func (v *visit) answer(out reply) {
	if out.status == 0 {
		out.status = http.StatusOK
	}
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	if out.resource != nil {
		version := scim.Version(out.resource)
		h.Set("ETag", version)
		if out.status == http.StatusCreated {
			meta, _ := out.resource["meta"].(scim.Resource)
			location, _ := meta["location"].(string)
			h.Set("Location", location)
		}
		if v.Method == http.MethodGet && scim.Matches(v.Header.Get("If-None-Match"), version) {
			v.w.WriteHeader(http.StatusNotModified)
			return
		}
		out.body = out.query.Show(out.resource)
	}
	if out.body == nil {
		v.w.WriteHeader(out.status)
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out.body); err != nil {
		v.refuse(fmt.Errorf("encode an answer: %w", err))
		return
	}
	h.Set("Content-Type", scim.MediaType)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	v.w.WriteHeader(out.status)
	_, _ = v.w.Write(b.Bytes()) // the client may have gone
}

// refuse is how every error is written.
func (v *visit) refuse(err error) {
	e, ok := errors.AsType[*scim.Error](err)
	if !ok {
		f := fault.As(err)
		if f.Err != nil && f.Kind != fault.Gone {
			v.Log.Error("SCIM request failed", slog.String("method", v.Method), slog.String("path", v.URL.Path), slog.Any("error", f.Err))
		}
		if f.RetryAfter > 0 {
			v.w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())+1))
		}
		e = &scim.Error{Status: f.HTTPStatus(), Detail: f.Message()}
		switch f.Kind {
		case fault.Conflict:
			e.Type = scim.Uniqueness
		case fault.Invalid:
			e.Type = scim.InvalidValue
		case fault.NoKey:
			v.w.Header().Set("WWW-Authenticate", "Bearer")
		}
	}
	v.answer(reply{status: e.Status, body: e.Body()})
}

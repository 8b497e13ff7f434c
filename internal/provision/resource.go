package provision

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/scim"
)

// What is the same for users and groups.

// read is the body of the request.
func (v *visit) read() ([]byte, error) {
	if err := fault.Encoded(v.Header.Get("Content-Encoding")); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(v.w, v.Body, maxBody))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, fault.New(fault.TooLarge, "The request body is over the limit of 4 MiB")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Gone, fmt.Errorf("read the request body: %w", err))
	}
	return raw, nil
}

// resource is the body of a request that says a whole resource.
func (v *visit) resource() (scim.Resource, error) {
	raw, err := v.read()
	if err != nil {
		return nil, err
	}
	return scim.Parse(raw)
}

// An edit makes of a resource what the request wants it to be.
type edit func(now scim.Resource) (scim.Resource, error)

// patch is the edit that the body of a PATCH says.
func (v *visit) patch() (edit, error) {
	raw, err := v.read()
	if err != nil {
		return nil, err
	}
	p, err := scim.ParsePatch(raw)
	return func(now scim.Resource) (scim.Resource, error) { return now, p.Apply(now) }, err
}

// shown answers with a resource, as the query wants to see it.
func (v *visit) shown(status int, r scim.Resource) (reply, error) {
	q, err := scim.ParseQuery(v.URL.Query())
	return reply{status: status, resource: r, query: q}, err
}

// page answers with those of a list that the query is about. maybe leaves out, before they are
// made into resources, those that its filter cannot keep.
func page[T any](v *visit, list []*T, maybe func(*scim.Filter, *T) bool, show func(*T) scim.Resource) (reply, error) {
	q, err := scim.ParseQuery(v.URL.Query())
	if err != nil {
		return reply{}, err
	}
	var all []scim.Resource
	for _, one := range list {
		if maybe(q.Filter, one) {
			all = append(all, show(one))
		}
	}
	return reply{body: q.Page(all)}, nil
}

// update finds what the path names and writes it as the edit makes it, again where others have
// written it meanwhile: write answers errMoved then.
func update[T any](v *visit, find func() (*T, error), show func(*T) scim.Resource, e edit, write func(old *T, r scim.Resource) (*T, error)) (now *T, err error) {
	err = settled(func() error {
		old, err := find()
		if err != nil {
			return err
		}
		was := show(old)
		if err := v.same(was); err != nil {
			return err
		}
		r, err := e(was)
		if err != nil {
			return err
		}
		now, err = write(old, r)
		return err
	})
	return now, err
}

// same refuses a change of another version than the client knows.
func (v *visit) same(r scim.Resource) error {
	if h := v.Header.Get("If-Match"); h != "" && !scim.Matches(h, scim.Version(r)) {
		return &scim.Error{Status: http.StatusPreconditionFailed, Detail: "The resource has changed; read it again"}
	}
	return nil
}

// errMoved ends a change of what somebody else has changed meanwhile.
var errMoved = errors.New("it was changed meanwhile")

// settled repeats a change that was made of what is not the present any more.
func settled(change func() error) error {
	for range 8 {
		if err := change(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return &fault.Error{Kind: fault.Unavailable, Public: "Others change the resource all the time; try again", RetryAfter: time.Second}
}

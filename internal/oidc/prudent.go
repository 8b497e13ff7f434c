package oidc

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Bounds of answers.
const (
	maxAnswer  = 1 << 20 // bytes of one
	maxAnswers = 256
	fresh      = 10 * time.Second
)

// prudent bounds what an issuer answers, and asks for one document at most once in a while:
// tokens with signatures that nobody knows do not make us ask for its keys each time.
type prudent struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	last map[string]answer // by URL
}

// answer is an answer to a GET, or why there was none.
type answer struct {
	at     time.Time
	status int
	header http.Header
	body   []byte
	err    error
}

// RoundTrip answers from memory where a document was asked for a moment ago. Only GETs that
// show no credential are remembered.
func (p *prudent) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" {
		return p.ask(r).response(r)
	}
	at := r.URL.String()
	p.mu.Lock()
	a, there := p.last[at]
	p.mu.Unlock()
	if there && p.now().Sub(a.at) < fresh {
		return a.response(r)
	}
	a = p.ask(r)
	if r.Context().Err() != nil { // the caller went away, which says nothing of the issuer
		return a.response(r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || len(p.last) >= maxAnswers {
		p.last = map[string]answer{}
	}
	p.last[at] = a
	return a.response(r)
}

// ask sends the request and reads the whole answer.
func (p *prudent) ask(r *http.Request) answer {
	a := answer{at: p.now()}
	res, err := p.next.RoundTrip(r)
	if err != nil {
		a.err = err
		return a
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	if a.body, a.err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1)); a.err == nil && len(a.body) > maxAnswer {
		a.err = errors.New("its answer is larger than 1 MiB")
	}
	return a
}

func (a answer) response(r *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header.Clone(),
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

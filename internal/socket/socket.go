// Package socket serves Responses over a WebSocket (platform.openai.com, "WebSocket mode"):
// each response.create message is one request, whose events come back as messages. What a
// connection has said and heard is kept with it, so that a request may name the response
// before it instead of sending everything again. Nothing outlives the connection.
package socket

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of a connection.
const (
	waiting      = 8                // requests that may wait for the one before
	writeTimeout = 2 * time.Minute  // for a slow client to take a message
	pingEvery    = 30 * time.Second // so that a dead peer is noticed
	idleTimeout  = time.Hour        // without a message; clients connect again
)

// Server answers upgrade requests. All fields are required.
type Server struct {
	Respond      func(http.ResponseWriter, *http.Request) // one POST /responses
	Authenticate func(*http.Request, time.Time) error
	Refuse       func(http.ResponseWriter, *http.Request, *fault.Error)
	Now          func() time.Time
	MaxBody      int64           // bytes of a request, what is kept for it included
	Closing      <-chan struct{} // closed when connections are to end after the request they serve
	Log          *slog.Logger
}

// IsUpgrade reports whether a request wants a WebSocket.
func IsUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// ServeHTTP serves one connection until either side ends it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.Authenticate(r, s.Now()); err != nil {
		s.Refuse(w, r, fault.As(err))
		return
	}
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	c.SetReadLimit(s.MaxBody)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	x := &connection{s: s, c: c, r: r}
	messages := make(chan []byte, waiting)
	done := make(chan struct{})
	go func() { defer close(done); x.read(ctx, cancel, messages) }()
	code, why := x.run(ctx, messages)
	if err := c.Close(code, why); err != nil { // before the reader ends, which would end the connection
		s.Log.Debug("socket closed", "err", err)
	}
	cancel()
	<-done
}

// connection is one client's. ServeHTTP owns it: run serves, read feeds run.
type connection struct {
	s    *Server
	c    *websocket.Conn
	r    *http.Request // the upgrade, whose headers every request has
	past past
}

// run serves one request after the other.
func (x *connection) run(ctx context.Context, messages <-chan []byte) (websocket.StatusCode, string) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	idle := time.NewTimer(idleTimeout)
	defer idle.Stop()
	for {
		select {
		case m := <-messages:
			if err := x.serve(ctx, m); err != nil {
				return websocket.StatusInternalError, "the answer broke off"
			}
			idle.Reset(idleTimeout)
		case <-idle.C:
			return websocket.StatusNormalClosure, "no message for an hour"
		case <-ping.C:
			if err := x.ping(ctx); err != nil {
				return websocket.StatusGoingAway, "no answer to a ping"
			}
		case <-x.s.Closing:
			return websocket.StatusGoingAway, "the gateway is shutting down; connect again"
		case <-ctx.Done():
			return websocket.StatusNormalClosure, ""
		}
	}
}

// read takes in messages until the connection ends, which ends the request under way too.
func (x *connection) read(ctx context.Context, cancel context.CancelFunc, to chan<- []byte) {
	defer cancel()
	for {
		kind, m, err := x.c.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			m = nil // answered as what it is: no JSON
		}
		select {
		case to <- m:
		case <-ctx.Done():
			return
		}
	}
}

func (x *connection) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingEvery)
	defer cancel()
	return x.c.Ping(ctx)
}

// send writes one message.
func (x *connection) send(ctx context.Context, m []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return x.c.Write(ctx, websocket.MessageText, m)
}

var errBroken = errors.New("the answer was cut")

// serve answers one message.
func (x *connection) serve(ctx context.Context, m []byte) (err error) {
	body, warm, e := x.past.request(m, x.s.MaxBody)
	if e != nil {
		return x.send(ctx, errorMessage(e))
	}
	if warm {
		for _, event := range x.past.warmUp(x.s.Now()) {
			if err := x.send(ctx, event); err != nil {
				return err
			}
		}
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.r.URL.Path, body)
	if err != nil {
		return err
	}
	req.Header = x.r.Header.Clone()
	for name := range req.Header {
		if strings.HasPrefix(name, "Sec-Websocket-") || name == "Upgrade" || name == "Connection" {
			delete(req.Header, name)
		}
	}
	req.Header.Set("Content-Type", "application/json")
	req.RemoteAddr, req.Host = x.r.RemoteAddr, x.r.Host
	w := &frames{ctx: ctx, x: x, header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			err = errBroken
		}
	}()
	x.s.Respond(w, req)
	return w.finish()
}

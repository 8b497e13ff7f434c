package canary

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// upgrades reports whether a request wants a WebSocket.
func upgrades(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// relay stands in the middle of a WebSocket until either side ends it.
func (f *front) relay(w http.ResponseWriter, r *http.Request) {
	inner := httptest.NewServer(f.gateway)
	defer inner.Close()
	far, resp, err := websocket.Dial(r.Context(), inner.URL+r.URL.RequestURI(), &websocket.DialOptions{HTTPClient: inner.Client(), HTTPHeader: beyondUpgrade(r.Header), Host: r.Host})
	switch {
	case resp == nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	case err != nil:
		f.refuse(w, r, resp)
		return
	}
	defer far.CloseNow()
	near, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the gateway has checked the origin
	if err != nil {
		return // Accept has answered
	}
	defer near.CloseNow()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	talk := &talk{}
	var asking sync.WaitGroup
	asking.Go(func() {
		pass(ctx, near, far, func(m []byte) []byte { return speak(m, talk.add(f.prompt())) })
	})
	pass(ctx, far, near, func(m []byte) []byte {
		f.judge(r, m, talk.all()...)
		return m
	})
	cancel()
	asking.Wait()
}

// beyondUpgrade are the headers that are no part of the handshake.
func beyondUpgrade(head http.Header) http.Header {
	head = head.Clone()
	maps.DeleteFunc(head, func(name string, _ []string) bool {
		return strings.HasPrefix(name, "Sec-Websocket-") || name == "Upgrade" || name == "Connection"
	})
	return head
}

// refuse hands on an answer that is no WebSocket.
func (f *front) refuse(w http.ResponseWriter, r *http.Request, resp *http.Response) {
	body, _ := io.ReadAll(resp.Body) // websocket.Dial has read it, as far as it does
	tee := &tee{ResponseWriter: w}
	maps.Copy(w.Header(), resp.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(resp.StatusCode)
	_, _ = tee.Write(body)
	f.judge(r, tee.text())
}

// talk is the canaries of a connection: an answer may repeat any that came before it.
type talk struct {
	mu   sync.Mutex
	list []string
}

func (t *talk) add(canary string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, canary)
	return canary
}

func (t *talk) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.list[:len(t.list):len(t.list)]
}

// pass hands messages on until one side ends, and ends the other as that one did.
func pass(ctx context.Context, from, to *websocket.Conn, change func([]byte) []byte) {
	from.SetReadLimit(-1)
	for {
		kind, m, err := from.Read(ctx)
		if err == nil && kind == websocket.MessageText {
			m = change(m)
		}
		if err == nil {
			err = to.Write(ctx, kind, m)
		}
		if err == nil {
			continue
		}
		if end, told := errors.AsType[websocket.CloseError](err); told {
			_ = to.Close(end.Code, end.Reason)
		} else {
			_ = to.CloseNow()
		}
		return
	}
}

package app

import (
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/socket"
)

// sockets serves Responses over WebSockets. Other requests of the path go to next.
func (a *App) sockets(next http.Handler) http.HandlerFunc {
	s := &socket.Server{
		Respond: func(w http.ResponseWriter, r *http.Request) { a.gateway.Serve(w, r, responses.Surface{}) },
		Authenticate: func(r *http.Request, now time.Time) error {
			_, err := a.gateway.Authenticate(r, now)
			return err
		},
		Refuse:  refuseSocket,
		Now:     time.Now,
		MaxBody: a.file.Config.Limits.MaxBody,
		Closing: a.closing,
		Log:     a.log,
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if socket.IsUpgrade(r) {
			s.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func refuseSocket(w http.ResponseWriter, _ *http.Request, e *fault.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.HTTPStatus())
	w.Write(responses.Surface{}.EncodeError(nil, e, nil))
}

package manage

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// refuse is how every error of the API is written.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.As(err)
	if f.Err != nil {
		a.Log.Error("management request failed", slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", f.Err))
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())+1))
	}
	write(w, f.HTTPStatus(), openaichat.Surface{}.EncodeError(nil, f, nil))
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone; there is nobody left to tell
}

package app

import (
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/scim"
)

// bases are where the API answers: OpenRouter's base, and OpenAI's for plain SDKs.
var bases = []string{"/api/v1", "/v1"}

// Handler is everything that the public address serves.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	a.inference(mux)
	for _, base := range bases {
		mux.Handle(base+"/", http.StripPrefix(base, a.manage.Handler()))
	}
	mux.Handle(scim.Base+"/", a.provision.Handler())
	mux.HandleFunc("GET /openapi.json", a.manage.OpenAPI)
	mux.HandleFunc("GET /healthz", a.healthz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{}))
	mux.Handle("/", a.elsewhere())
	return a.calm(patience(a.file.Config.Timeouts.Body.Duration, a.demoMark(cors(mux))))
}

// calm ends the connection of a request whose handler panicked. The server would print the
// value, and what a library panics with may have a prompt in it.
func (a *App) calm(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					a.log.Error("handler panicked", "path", r.URL.Path, "panic", fault.Panicked(p), "stack", string(debug.Stack()))
				}
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// elsewhere answers what no other path does: browsers with the web app, programs with what
// they can understand.
func (a *App) elsewhere() http.Handler {
	unknown := a.manage.Unknown()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case a.web.Answers(r):
			a.web.ServeHTTP(w, r)
		case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			a.home(w, r)
		default:
			unknown.ServeHTTP(w, r)
		}
	})
}

// healthz says whether requests can be served.
func (a *App) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if _, err := a.store.Balance(r.Context(), DefaultAccount); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte(`{"status":"unavailable","reason":"the database does not answer"}` + "\n"))
		return
	}
	w.Write([]byte(`{"status":"ok"}` + "\n"))
}

// home tells a visitor without a browser where they are.
func (a *App) home(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := "Dragoman: one key and one OpenAI-compatible API in front of every model provider.\n\n"
	if a.Demo() {
		text += "DEMO: no provider has a credential, so simulated providers answer.\n\n"
	}
	w.Write([]byte(text + "API       /api/v1 (and /v1)\nModels    /api/v1/models\nOpenAPI   /openapi.json\nHealth    /healthz\nMetrics   /metrics\n"))
}

// demoMark says on every answer that it comes from simulated providers.
func (a *App) demoMark(next http.Handler) http.Handler {
	if !a.Demo() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Dragoman-Demo"] = []string{"simulated providers; set a provider's API key for real answers"}
		next.ServeHTTP(w, r)
	})
}

// cors lets pages of any origin call the API with a key. No cookie is looked at when the page
// is another site's (package signin), and credentials are not allowed here, so an origin
// gains nothing that its key does not give.
func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header["Origin"] == nil {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "X-Generation-Id, X-Dragoman-Provider, X-Dragoman-Dropped, X-Dragoman-Count, X-Dragoman-Demo, Retry-After")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE")
			h.Set("Access-Control-Allow-Headers", allowed(r.Header.Get("Access-Control-Request-Headers")))
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allowed echoes the header names asked for, as far as they are header names.
func allowed(asked string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_, ", r) {
			return r
		}
		return -1
	}, asked[:min(len(asked), 2048)])
}

package feed

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFetch(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/list", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(list)) })
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/list", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://prices.example/list", http.StatusFound)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)

	for _, path := range []string{"/list", "/once"} {
		got, err := Fetch(t.Context(), nil, srv.URL+path, day(2))
		if err != nil || len(got) != 6 || got[0].Source.Name != "127.0.0.1" || got[0].Source.AsOf != "2099-01-02" {
			t.Errorf("%s: %d offers, %v", path, len(got), err)
		}
	}
	for address, want := range map[string]string{
		srv.URL + "/loop":           "redirects",
		srv.URL + "/away":           "only https",
		srv.URL + "/broken":         "502",
		"http://prices.example/":    "only https",
		"file:///etc/hosts":         "only https",
		"http://[::1":               "address",
		"http://127.0.0.1.example/": "only https",
	} {
		if _, err := Fetch(t.Context(), nil, address, day(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

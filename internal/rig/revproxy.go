package rig

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// newRevproxy is the baseline: the standard library's reverse proxy as anyone would set
// it up, with connections kept for reuse and the runtime untuned.
func newRevproxy(upstream *url.URL) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = 20000
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = transport
	return proxy
}

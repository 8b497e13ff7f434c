package web

import (
	"net/http"
	"strings"
)

// policy is the Content-Security-Policy of the app. All code and style is in files of ours:
// what a model, a provider or a name puts into a page can be no script, load nothing and send
// nothing anywhere. Images and sound may come out of answers, as data.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"media-src 'self' data: blob:",
	"connect-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
}, "; ")

// features are what the app may do of what browsers guard.
const features = "camera=(), geolocation=(), display-capture=(), payment=(), usb=(), microphone=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self)"

// protect tells the browser what the app never does.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", features)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

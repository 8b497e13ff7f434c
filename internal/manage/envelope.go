package manage

import (
	"net/http"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
)

// googleBase is where Google's SDKs look for the API (https://ai.google.dev/gemini-api/docs/api-versions).
const googleBase = "/v1beta/"

// envelope is the dialect in which a client of the path can read an error.
func envelope(r *http.Request) dialect.Surface {
	path := fullPath(r)
	switch {
	case strings.HasPrefix(path, googleBase), strings.HasPrefix(path, "/upload"+googleBase):
		return gemini.Surface{}
	case forGoogle(r):
		return gemini.Surface{}
	case forAnthropic(r), strings.HasSuffix(path, "/v1/messages"), strings.Contains(path, "/v1/messages/"):
		return anthropic.Surface{}
	}
	return openaichat.Surface{}
}

// forAnthropic reports whether a client of Anthropic's asks: the API demands the header.
func forAnthropic(r *http.Request) bool { return r.Header.Get("Anthropic-Version") != "" }

// forGoogle reports whether a client of Google's asks: its SDKs send both headers, and some
// of them use the API's stable version, whose /v1/models is OpenAI's and Anthropic's too.
func forGoogle(r *http.Request) bool {
	return r.Header.Get("X-Goog-Api-Key") != "" || r.Header.Get("X-Goog-Api-Client") != ""
}

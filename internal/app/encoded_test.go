package app

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// A body that is compressed is refused as that, and not as bad JSON.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	inference, _ := c.key("")
	for path, key := range map[string]string{
		"/api/v1/chat/completions": inference, "/api/v1/messages": inference, "/v1beta/models/m/x:generateContent": inference, "/api/v1/responses": inference,
		"/api/v1/keys": c.management, "/scim/v2/Users": c.management,
	} {
		r := httptest.NewRequest("POST", path, strings.NewReader("\x1f\x8b"))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", "gzip")
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != 415 || !strings.Contains(w.Body.String(), "Content-Encoding") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

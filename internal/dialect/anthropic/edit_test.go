package anthropic

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

// A user's name stays here on the way to a provider of the same dialect too.
func TestUserIsHashedInPlace(t *testing.T) {
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","max_tokens":5,"metadata":{"x":1,"user_id":"jo@example.org"},"messages":[{"role":"user","content":"hi"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	call, _, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "up"})
	if err != nil {
		t.Fatal(err)
	}
	body := string(bytes.Join(call.Body, nil))
	if strings.Contains(body, "jo@") || !strings.Contains(body, `"metadata":{"x":1,"user_id":"`+hashed("jo@example.org")+`"}`) {
		t.Error(body)
	}
}

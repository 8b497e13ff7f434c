package provider

import (
	"errors"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// TestHide: a provider's refusal may repeat the key that it was called with, in letters of its own.
func TestHide(t *testing.T) {
	p, err := New(&catalog.Provider{Slug: "p", BaseURL: "https://x.example", Protocol: llm.OpenAIChat, Auth: "bearer"}, "gsk_abcdefgh1234")
	if err != nil {
		t.Fatal(err)
	}
	f := &fault.Error{Kind: fault.Refused, Quote: "no model for gsk_abcdefgh1234.", ProviderCode: "gsk_abcdefgh1234", Param: "model"}
	got := fault.As(p.Hide(f))
	if got.Kind != fault.Refused || got.Quote != "no model for [redacted]." || got.ProviderCode != "[redacted]" || got.Param != "model" || f.Param != "model" {
		t.Errorf("%+v", got)
	}
	if plain := errors.New("x"); p.Hide(plain) != plain || p.Hide(nil) != nil {
		t.Error("an error of somebody else's changed")
	}
	if r := hiding(`{"access_key_id":"AKIDEXAMPLE1","region":"eu"}`); r.Replace("AKIDEXAMPLE1 eu") != "[redacted] eu" {
		t.Error(r.Replace("AKIDEXAMPLE1 eu"))
	}
	if hiding("") != nil || hiding("short") != nil {
		t.Error("nothing is to hide")
	}
}

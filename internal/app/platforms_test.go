package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

// Providers on a cloud's platform come alive from the environment alone, and one that cannot
// be used is left out instead of keeping the gateway from starting.
func TestPlatformsFromTheEnvironment(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_BEARER_TOKEN_BEDROCK",
		"AZURE_OPENAI_API_KEY", "AZURE_API_KEY", "AZURE_RESOURCE_NAME", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION",
		"GOOGLE_VERTEX_PROJECT", "GOOGLE_VERTEX_LOCATION"} {
		t.Setenv(name, "")
	}
	user := filepath.Join(t.TempDir(), "user.json")
	if err := os.WriteFile(user, []byte(`{"type":"authorized_user","client_id":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	base, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  map[string]string
		slug string
		base string // "" not alive
	}{
		{map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1"}, "amazon-bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com"},
		{map[string]string{"AWS_BEARER_TOKEN_BEDROCK": "k", "AWS_DEFAULT_REGION": "us-east-1"}, "amazon-bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com"},
		{map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}, "amazon-bedrock", ""},
		{map[string]string{"AZURE_OPENAI_API_KEY": "k", "AZURE_RESOURCE_NAME": "res"}, "azure", "https://res.openai.azure.com/openai/v1"},
		{map[string]string{"AZURE_OPENAI_API_KEY": "k"}, "azure", ""},
		{map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": user, "GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "global"}, "google-vertex", ""},
		{map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": "/no/such/file", "GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "global"}, "google-vertex", ""},
	} {
		for k, v := range c.env {
			t.Setenv(k, v)
		}
		secrets, err := credentials(base, new(config.Config))
		if err != nil {
			t.Fatal(err)
		}
		o := catalog.Overlay{Origin: "test"}
		if _, ok := secrets[c.slug]; ok {
			o.Credentials = []string{c.slug}
		}
		snap, err := catalog.Build(base, fill(base), o)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range snap.AllEndpoints() {
			if e.Provider.Slug == c.slug && e.Live {
				got = e.Provider.BaseURL
			}
		}
		if got != c.base {
			t.Errorf("%v: %s is alive at %q, want %q", c.env, c.slug, got, c.base)
		}
		for k := range c.env {
			t.Setenv(k, "")
		}
	}
}

package byok

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

var rows = map[string]*catalog.Provider{
	"openai":         {Slug: "openai", Name: "OpenAI", BaseURL: "https://api.openai.com/v1"},
	"azure":          {Slug: "azure", Name: "Azure", BaseURL: "https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1", Platform: catalog.Azure, Auth: "header:api-key"},
	"amazon-bedrock": {Slug: "amazon-bedrock", Name: "Bedrock", BaseURL: "https://bedrock-runtime.{AWS_REGION}.amazonaws.com", Protocol: "bedrock.converse", Platform: catalog.Bedrock, Auth: "aws"},
	"google-vertex": {Slug: "google-vertex", Name: "Vertex", Protocol: "gemini.generateContent", Platform: catalog.Vertex, Auth: "google",
		BaseURL: "https://{GOOGLE_VERTEX_LOCATION}-aiplatform.googleapis.com/v1beta1/projects/{GOOGLE_VERTEX_PROJECT}/locations/{GOOGLE_VERTEX_LOCATION}"},
	"mine": {Slug: "mine", Name: "Mine", BaseURL: "http://127.0.0.1:9/azure", Platform: catalog.Azure, Auth: "header:api-key"},
}

func serviceAccount(t *testing.T, extra string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"type":"service_account","project_id":"proj-1","client_email":"a@b","private_key":%s%s}`, raw, extra)
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ provider, secret, host string }{
		{"openai", "sk-proj-1234567890", "api.openai.com"},
		{"azure", `[{"api_key":"k","resource_name":"my-res"}]`, "my-res.openai.azure.com"},
		{"azure", `[{"api_key":"k","resource_name":"my-res","resource_type":"ai_foundry"}]`, "my-res.services.ai.azure.com"},
		{"amazon-bedrock", `{"accessKeyId":"access","secretAccessKey":"s","region":"eu-central-1"}`, "bedrock-runtime.eu-central-1.amazonaws.com"},
		{"google-vertex", serviceAccount(t, ""), "aiplatform.googleapis.com"},
		{"google-vertex", serviceAccount(t, `,"region":"europe-west4"`), "europe-west4-aiplatform.googleapis.com"},
		{"mine", `[{"api_key":"k","resource_name":"my-res"}]`, "127.0.0.1:9"},
	} {
		p, err := Prepare(rows[c.provider], c.secret)
		if err != nil || p.Base.Host != c.host {
			t.Errorf("%s: %v, want %s", c.provider, err, c.host)
		}
	}
}

// No key leads a call anywhere but to its provider, and none that cannot be used is taken.
func TestRefusedSecrets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ provider, secret, says string }{
		{"openai", "", "empty"},
		{"openai", "sk-a\r\nX-Other: b", "line ends"},
		{"azure", "plain", "AZURE_RESOURCE_NAME"},
		{"azure", `[{"api_key":"k","resource_name":"evil.test/"}]`, "resource_name"},
		{"azure", `[{"api_key":"k","resource_name":"a.b"}]`, "resource_name"},
		{"azure", `[{"api_key":"k","endpoint_url":"http://169.254.169.254/"}]`, "endpoint_url"},
		{"azure", `[{"api_key":"k","resource_name":"a"},{"api_key":"l","resource_name":"b"}]`, "one object"},
		{"amazon-bedrock", "bearer-key", "AWS_REGION"},
		{"amazon-bedrock", `{"accessKeyId":"a","secretAccessKey":"s","region":"x.evil.test#"}`, "region"},
		{"amazon-bedrock", `{"accessKeyId":"a"}`, "secretAccessKey"},
		{"google-vertex", "ya29.token", "service account"},
		{"google-vertex", `{"type":"service_account","project_id":"../x"}`, "project_id"},
		{"google-vertex", serviceAccount(t, `,"token_uri":"https://evil.test/token"`), "evil.test"},
		{"google-vertex", serviceAccount(t, `,"region":"a/b"`), "region"},
	} {
		_, err := Prepare(rows[c.provider], c.secret)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %.40s: %v", c.provider, c.secret, err)
		}
	}
}

func newKeyring(t *testing.T) *Keyring {
	t.Helper()
	key, err := vault.Local(bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(key)
	if err != nil {
		t.Fatal(err)
	}
	return &Keyring{
		Vault:  v,
		Row:    func(slug string) *catalog.Provider { return rows[slug] },
		Latest: func(string, string) (*account.Credential, bool) { return nil, false },
	}
}

func TestSealedSecretsOpenForTheirOwnCredentialAlone(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	c := &account.Credential{ID: "c1", Account: "a", Provider: "openai"}
	const secret = "sk-canary-1234567890"
	if err := k.Seal(t.Context(), c, secret); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(c)
	if err != nil || bytes.Contains(raw, []byte(secret)) || bytes.Contains(c.Sealed, []byte("canary")) || c.Label != "sk-...7890" {
		t.Fatalf("%s %v", raw, err)
	}
	p, err := k.Provider(t.Context(), c)
	if err != nil || p.Slug != "openai" {
		t.Fatal(err)
	}
	if again, _ := k.Provider(t.Context(), c); again != p {
		t.Error("it is opened for every call")
	}
	moved := *c
	moved.ID = "c2"
	if _, err := k.Provider(t.Context(), &moved); fault.Of(err) != fault.Credential || strings.Contains(err.Error(), secret) {
		t.Errorf("opens for another: %v", err)
	}
	if err := k.Seal(t.Context(), c, "sk-other-1234567890"); err != nil {
		t.Fatal(err)
	}
	if other, _ := k.Provider(t.Context(), c); other == p {
		t.Error("the old secret is used after a new one was given")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	c := &account.Credential{ID: "c1", Account: "a", Provider: "openai"}
	if err := k.Seal(t.Context(), c, "sk-canary-1234567890"); err != nil {
		t.Fatal(err)
	}
	if changed, err := k.Rewrap(t.Context(), c); changed || err != nil {
		t.Errorf("rewrapped for nothing: %v", err)
	}
	old := *c
	next, err := vault.Local(bytes.Repeat([]byte{8}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	before, err := vault.Local(bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Vault.Use(next, before); err != nil {
		t.Fatal(err)
	}
	if changed, err := k.Rewrap(t.Context(), c); !changed || err != nil {
		t.Fatal(err)
	}
	if err := k.Vault.Use(next); err != nil {
		t.Fatal(err)
	}
	k.ready = nil
	if _, err := k.Provider(t.Context(), c); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
	k.ready = nil
	if _, err := k.Provider(t.Context(), &old); err == nil {
		t.Error("the old form opens without the old key")
	}
}

func TestLastFailure(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	now := time.Unix(1, 0)
	k.Note("c", fault.New(fault.Credential, "it was refused"), now)
	if f, failed := k.Last("c"); !failed || f.Message != "it was refused" || !f.At.Equal(now) {
		t.Errorf("%+v", f)
	}
	k.Note("c", errors.New("secret things"), now)
	if f, _ := k.Last("c"); strings.Contains(f.Message, "secret") {
		t.Error(f.Message)
	}
	k.Note("c", nil, now)
	if _, failed := k.Last("c"); failed {
		t.Error("a credential that works has failed")
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range maxReady {
				k.Note(fmt.Sprint(i, j), fault.New(fault.Credential, "x"), now)
			}
		})
	}
	all.Wait()
	if len(k.last) > maxReady {
		t.Errorf("%d failures are remembered", len(k.last))
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, c := range []struct{ provider, secret, param string }{
		{"nobody", "sk-1", "provider"}, {"openai", "a b", "key"}, {"openai", strings.Repeat("x", maxSecret+1), "key"},
	} {
		err := fault.As(k.Seal(t.Context(), &account.Credential{ID: "c", Account: "a", Provider: c.provider}, c.secret))
		if err.Kind != fault.Invalid || err.Param != c.param {
			t.Errorf("%s: %v", c.provider, err)
		}
	}
}

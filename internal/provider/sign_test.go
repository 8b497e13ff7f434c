package provider

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
)

// TestAWS: a call to Bedrock is signed for its region and service, with the body.
func TestAWS(t *testing.T) {
	p, err := New(&catalog.Provider{Slug: "b", BaseURL: "https://bedrock-runtime.eu-central-1.amazonaws.com", Platform: catalog.Bedrock, Auth: "aws", Protocol: llm.Converse},
		`{"access_key_id":"AKIDEXAMPLE","secret_access_key":"`+secretWord+`","session_token":"tok"}`)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	p.signer.(*aws).now = func() time.Time { return at }
	got, want := map[string][]string{"Content-Type": {"application/json"}}, map[string][]string{"Content-Type": {"application/json"}}
	body := [][]byte{[]byte("ab"), []byte("c")}
	if err := p.Sign(context.Background(), "POST", "/model/a%3A0/converse", got, body); err != nil {
		t.Fatal(err)
	}
	sigv4.Sign(&sigv4.Call{Method: "POST", Host: "bedrock-runtime.eu-central-1.amazonaws.com", Target: "/model/a%3A0/converse", Header: want, Body: body},
		sigv4.Key{ID: "AKIDEXAMPLE", Secret: secretWord, Session: "tok"}, sigv4.Scope{Region: "eu-central-1", Service: "bedrock"}, at)
	if !reflect.DeepEqual(got, want) || !strings.Contains(got["Authorization"][0], "/20150830/eu-central-1/bedrock/aws4_request") {
		t.Errorf(" got %v\nwant %v", got, want)
	}
}

func TestRegions(t *testing.T) {
	for host, want := range map[string]string{
		"bedrock-runtime.eu-central-1.amazonaws.com": "eu-central-1", "vpce-1.bedrock-runtime.us-gov-west-1.vpce.amazonaws.com": "us-gov-west-1", "127.0.0.1": "", "llm.example.com": "",
	} {
		if got := regionOf(host); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
}

const secretWord = "s3cr3t-word"

// TestRefusedCredentials: what is wrong with a credential is said without it.
func TestRefusedCredentials(t *testing.T) {
	base := "https://example.com"
	for _, c := range []struct{ auth, secret, says string }{
		{"aws", `{"access_key_id":"` + secretWord, "not a JSON object"},
		{"aws", `{"access_key_id":"` + secretWord + `"}`, "secret_access_key"},
		{"aws", `{"access_key_id":"a","secret_access_key":"` + secretWord + `"}`, "names no AWS region"},
		{"google", `{"type":"external_account","x":"` + secretWord + `"}`, "service_account or authorized_user"},
		{"google", `{"type":"service_account","client_email":"e","private_key":"` + secretWord + `"}`, "private_key in PEM"},
		{"google", `{"type":"authorized_user","client_id":"i","client_secret":"` + secretWord + `"}`, "lacks refresh_token"},
		{"google", `{"type":"service_account","token_uri":"https://evil.example/token"}`, "not sent there"},
		{"google", `{"type":"service_account","token_uri":"http://169.254.169.254/token"}`, "not sent there"},
		{"google", `{"type":"service_account","token_uri":"https://evilgoogleapis.com/token"}`, "not sent there"},
		{"entra", `{"client_id":"i","client_secret":"` + secretWord + `"}`, "lacks tenant_id"},
		{"entra", `{"client_id":"i","client_secret":"x","token_url":"http://login.microsoftonline.com/t"}`, "not sent there"},
		{"magic", secretWord, "is none of"},
	} {
		_, err := New(&catalog.Provider{Slug: "p", BaseURL: base, Auth: c.auth, Protocol: llm.Anthropic}, c.secret)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secretWord) {
			t.Errorf("%s %s: %v", c.auth, c.secret, err)
		}
	}
}

// tokenServer counts what it is asked and answers as it is told.
type tokenServer struct {
	*httptest.Server
	asked  atomic.Int32
	mu     sync.Mutex
	form   url.Values
	status int
	body   string
}

func newTokenServer(t *testing.T) *tokenServer {
	s := &tokenServer{status: 200, body: `{"access_token":"tok","expires_in":3600}`}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		r.ParseForm()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.form = r.Form
		w.WriteHeader(s.status)
		w.Write([]byte(s.body))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) answers(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body = status, body
}

func serviceAccount(t *testing.T, at string) (string, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "me@p.example", "private_key_id": "k1", "token_uri": at,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), key
}

func TestGoogle(t *testing.T) {
	server := newTokenServer(t)
	secret, key := serviceAccount(t, server.URL+"/token")
	p, err := New(&catalog.Provider{Slug: "p", BaseURL: server.URL, Platform: catalog.Vertex, Auth: "google", Protocol: llm.Gemini}, secret)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now()
	tok := p.signer.(*tokens)
	tok.now = func() time.Time { return clock }
	sign := func() (string, error) {
		h := map[string][]string{}
		err := p.Sign(context.Background(), "POST", "/", h, nil)
		return strings.Join(h["Authorization"], ""), err
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := sign(); got != "Bearer tok" || err != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
	if n := server.asked.Load(); n != 1 {
		t.Errorf("%d fetches for one token", n)
	}
	parts := strings.Split(server.form.Get("assertion"), ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !strings.Contains(string(claims), `"iss":"me@p.example"`) || !strings.Contains(string(claims), googleScope) {
		t.Errorf("claims %s %v", claims, err)
	}
	_ = key
	clock = clock.Add(56 * time.Minute) // renewed early, the old one serves meanwhile
	server.answers(500, `{"error":"server_error"}`)
	if got, err := sign(); got != "Bearer tok" || err != nil {
		t.Errorf("while it renews: %q %v", got, err)
	}
	for range 100 {
		tok.mu.Lock()
		idle := tok.pending == nil
		tok.mu.Unlock()
		if idle {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	clock = clock.Add(10 * time.Minute)
	if _, err := sign(); fault.Of(err) != fault.Broken {
		t.Errorf("expired, the server fails: %v", err)
	}
	clock = clock.Add(time.Minute)
	server.answers(400, `{"error":"invalid_grant","error_description":"`+secretWord+`"}`)
	if _, err := sign(); fault.Of(err) != fault.Credential || strings.Contains(err.Error(), secretWord) || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("refused: %v", err)
	}
	asked := server.asked.Load()
	if _, err := sign(); err == nil || server.asked.Load() != asked {
		t.Error("it asks again at once")
	}
	clock = clock.Add(time.Minute)
	server.answers(200, `{"access_token":"new"}`)
	if got, err := sign(); got != "Bearer new" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestEntraAndOthers(t *testing.T) {
	server := newTokenServer(t)
	p, err := New(&catalog.Provider{Slug: "p", BaseURL: server.URL + "/openai", Platform: catalog.Azure, Auth: "entra", Protocol: llm.OpenAIChat},
		`{"client_id":"i","client_secret":"x","token_url":"`+server.URL+`/t"}`)
	if err != nil {
		t.Fatal(err)
	}
	h := map[string][]string{}
	if err := p.Sign(context.Background(), "POST", "/", h, nil); err != nil || h["Authorization"][0] != "Bearer tok" || server.form.Get("scope") != entraScope {
		t.Errorf("%v %v", h, err)
	}
	for auth, want := range map[string]string{"aws": "Bearer key", "google": "Bearer key", "entra": "Bearer key", "bearer": "Bearer key"} {
		p, err := New(&catalog.Provider{Slug: "p", BaseURL: "https://a.example", Auth: auth, Protocol: llm.Anthropic}, "key")
		if err != nil {
			t.Fatal(err)
		}
		h := map[string][]string{}
		if err := p.Sign(context.Background(), "POST", "/", h, nil); err != nil || h["Authorization"][0] != want {
			t.Errorf("%s: %v %v", auth, h, err)
		}
	}
}

// TestPlatforms: the dialect that a model is called in.
func TestPlatforms(t *testing.T) {
	p, err := New(&catalog.Provider{Slug: "b", BaseURL: "https://bedrock-runtime.us-east-1.amazonaws.com", Platform: catalog.Bedrock, Auth: "aws",
		Protocol: llm.Converse, Also: []llm.Dialect{llm.Anthropic}}, `{"access_key_id":"a","secret_access_key":"b"}`)
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]llm.Dialect{"us.anthropic.claude-x": llm.Anthropic, "amazon.nova-lite-v1:0": llm.Converse} {
		if got := p.Adapter(llm.Anthropic, model).Dialect(); got != want {
			t.Errorf("%s in %s", model, got)
		}
		if got := p.Adapter(llm.OpenAIChat, model).Dialect(); got != llm.Converse {
			t.Errorf("%s in %s", model, got)
		}
	}
	v, err := New(&catalog.Provider{Slug: "v", BaseURL: "https://a.googleapis.com/v1", Platform: catalog.Vertex, Protocol: llm.Gemini, Also: []llm.Dialect{llm.Anthropic, llm.OpenAIChat}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]llm.Dialect{"claude-x@1": llm.Anthropic, "gemini-2.5-pro": llm.Gemini, "meta/llama": llm.OpenAIChat} {
		if got := v.Adapter(llm.Gemini, model).Dialect(); got != want {
			t.Errorf("%s in %s", model, got)
		}
	}
	g, err := New(&catalog.Provider{Slug: "g", BaseURL: "https://global-aiplatform.googleapis.com/v1", Platform: catalog.Vertex, Protocol: llm.Gemini}, "")
	if err != nil || g.Base.Host != "aiplatform.googleapis.com" {
		t.Errorf("the global location: %v %v", g, err)
	}
	if _, err := New(&catalog.Provider{Slug: "x", BaseURL: "https://a.example", Platform: catalog.Azure, Protocol: llm.Gemini}, ""); err == nil {
		t.Error("Azure speaks Gemini's dialect")
	}
}

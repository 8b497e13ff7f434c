package manage

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/byok"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/cursor"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/private"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/signin"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
	"github.com/dragoman-gateway/dragoman/internal/vault"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

const (
	inferenceKey  = "sk-or-v1-inference"
	managementKey = "sk-or-v1-management"
	disabledKey   = "sk-or-v1-disabled"
	expiredKey    = "sk-or-v1-expired"
	workspace     = "00000000-0000-4000-8000-000000000001"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// house is an API with a small catalogue and one key of every kind.
type house struct {
	*API
	t     *testing.T
	store *moody
	book  *feed.Book
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s, snap := openStore(t), smallCatalog(t)
	now := snap
	h := &house{t: t, store: s, book: new(feed.Book), API: &API{
		Store: s, Catalog: func() *catalog.Snapshot { return now }, Health: health.NewTracker(),
		Now: func() time.Time { return noon }, Log: canary.Log(t),
		Policy:  func(*account.Key) policy.Effective { return policy.Effective{} },
		Account: "default", Version: "test", Demo: func() bool { return false }, Listening: "http://localhost",
		Client: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") },
	}}
	key, err := vault.Local(bytes.Repeat([]byte{1}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(key)
	if err != nil {
		t.Fatal(err)
	}
	h.Cursors, _ = cursor.New(make([]byte, 32))
	h.Receipts = make(ed25519.PublicKey, ed25519.PublicKeySize)
	h.Credentials = &byok.Keyring{Vault: v, Row: snap.Provider, Latest: h.Directory.Credential}
	h.Destinations = &drawer{}
	h.TryCredential = func(_ context.Context, c *account.Credential) error {
		if c.Disabled {
			return fault.New(fault.Credential, "The provider refused the key")
		}
		return nil
	}
	h.Started, h.Running, h.Demo = noon.Add(-time.Hour), func() int64 { return 3 }, func() bool { return false }
	h.Archive = func() (int64, error) { return 4096, s.fails }
	h.Recatalog = func(change func(func(context.Context, private.Set) error) error) error {
		next := now
		err := change(func(_ context.Context, set private.Set) (err error) {
			if next, err = catalog.Build(&catalog.Data{Revision: "test"}, smallOverlay(t), set.Overlay()); err != nil {
				return fault.Bad("", err.Error())
			}
			return nil
		})
		if err == nil {
			now = next
		}
		return err
	}
	h.PriceList = func(context.Context, string) ([]feed.Offer, error) { return h.offers(), nil }
	h.PriceBook = func() (*feed.Book, error) { return h.book, nil }
	h.Reprice = func(ctx context.Context, e audit.Entry, changes []feed.Change) (int, error) {
		n := 0
		for i := range changes {
			if changes[i].Applies() {
				n++
			}
		}
		return n, h.Directory.Update(ctx, e, func(*directory.Tx) error { return nil })
	}
	h.Trial = func(_ context.Context, with private.Set, endpoint string) (private.Trial, error) {
		snap, err := catalog.Build(&catalog.Data{Revision: "test"}, smallOverlay(t), with.Overlay())
		if err != nil || snap.Endpoint(endpoint) == nil {
			t.Errorf("%s is tried and not there: %v", endpoint, err)
		}
		return private.Trial{Status: 401, TookMS: 5, Err: fault.New(fault.Credential, "no")}, nil
	}
	h.Explain = explainer(t, s, snap)
	h.Rotate = func(ctx context.Context, e audit.Entry) (int, error) {
		return 1, h.Directory.Update(ctx, e, func(*directory.Tx) error { return nil })
	}
	if h.Directory, err = directory.Open(t.Context(), s, directory.Options{Account: "default", Workspace: workspace}); err != nil {
		t.Fatal(err)
	}
	h.Authenticate = func(r *http.Request, now time.Time) (*account.Key, error) {
		header := r.Header
		k, ok := s.Key(account.HashKey(strings.TrimPrefix(header.Get("Authorization"), "Bearer ")))
		if !ok || !k.Usable(now) {
			return nil, fault.New(fault.NoKey, "no usable key")
		}
		return k, nil
	}
	h.ShowsKey = func(r *http.Request) bool { return r.Header.Get("Authorization") != "" }
	h.Door = signin.New(signin.Options{Directory: h.Directory, Vault: v, Key: s.Key, Client: h.Client,
		Secure: func(r *http.Request) bool { return r.TLS != nil }, Idle: 12 * time.Hour, Life: 14 * 24 * time.Hour})
	h.Issuers = oidc.New(oidc.Options{Private: true, Now: h.Now})
	if h.Workloads, err = workload.NewSigner(bytes.Repeat([]byte{1}, 32)); err != nil {
		t.Fatal(err)
	}
	h.Origin = func(*http.Request) string { return "https://gw.test" }
	h.furnish()
	h.put(&account.Key{Hash: account.HashKey(workloads), Label: "CI", Name: "CI", Account: "default", Workspace: workloads, Created: noon, Extras: account.Extras{Policy: workloads}})
	for i, plain := range []string{inferenceKey, managementKey, disabledKey, expiredKey} {
		k := &account.Key{Hash: account.HashKey(plain), Label: account.Label(plain), Name: strings.TrimPrefix(plain, "sk-or-v1-"),
			Account: "default", Workspace: workspace, Created: noon.Add(time.Duration(i-10) * time.Hour),
			Management: plain == managementKey, Disabled: plain == disabledKey}
		if plain == expiredKey {
			k.Expires = noon.Add(-time.Minute)
		}
		h.put(k)
	}
	return h
}

// explainer is the gateway's answer to where a request would go.
func explainer(t *testing.T, s *moody, snap *catalog.Snapshot) func(context.Context, *account.Key, []byte) (*route.Preview, error) {
	t.Helper()
	now := &gateway.Catalogue{Snapshot: snap, Ready: map[string]*provider.Provider{}}
	for _, row := range snap.Providers() {
		var err error
		if now.Ready[row.Slug], err = provider.New(row, "sk-theirs"); err != nil {
			t.Fatal(err)
		}
	}
	g := &gateway.Gateway{
		Store: s, Catalog: func() *gateway.Catalogue { return now }, Health: health.NewTracker(),
		Governs: func(*account.Key) *directory.Rules { return &directory.Rules{} },
		Now:     func() time.Time { return noon }, Random: func() uint64 { return 7 }, Log: canary.Log(t),
	}
	return func(ctx context.Context, k *account.Key, body []byte) (*route.Preview, error) {
		return g.Explain(ctx, k, openaichat.Surface{}, body)
	}
}

// The things besides the default workspace.
const (
	team        = "00000000-0000-4000-8000-00000000000a"
	member      = "00000000-0000-4000-8000-00000000000b"
	guardrail   = "00000000-0000-4000-8000-00000000000c"
	owned       = "00000000-0000-4000-8000-00000000000e"
	brief       = "00000000-0000-4000-8000-00000000000f"
	mapped      = "00000000-0000-4000-8000-000000000021"
	group       = "00000000-0000-4000-8000-000000000022"
	mapping     = "00000000-0000-4000-8000-000000000023"
	synced      = "00000000-0000-4000-8000-000000000025"
	workloads   = "00000000-0000-4000-8000-000000000024" // a federation policy
	pat         = "00000000-0000-4000-8000-000000000011"
	patMember   = "00000000-0000-4000-8000-000000000012"
	passkey     = "00000000-0000-4000-8000-000000000013"
	invited     = "00000000-0000-4000-8000-000000000014"
	session     = "00000000-0000-4000-8000-000000000015"
	theirs      = "00000000-0000-4000-8000-000000000019" // a session of member
	destination = "00000000-0000-4000-8000-000000000018"
	mine        = "00000000-0000-4000-8000-000000000016"
	myModel     = "00000000-0000-4000-8000-000000000017"
)

// patPassword is what Pat signs in with; its hash is made once.
const patPassword = "correct horse battery"

var patHash = sync.OnceValue(func() string {
	hash, err := signin.New(signin.Options{}).NewPassword(context.Background(), "", canary.Hidden(patPassword), "")
	if err != nil {
		panic(err)
	}
	return hash
})

// session signs Pat in with a role, in Pat's second browser beside the one that is signed in
// already, and is the cookie's token.
func (h *house) session(role account.Role) (token string) {
	h.t.Helper()
	err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		m, _ := tx.Member("default", patMember)
		c := *m
		c.Role = role
		return tx.PutMember(&c)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	_, token, err = h.Door.Begin(h.t.Context(), httptest.NewRequest("POST", "/session", nil), noon, pat, "password")
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		return tx.PutSession(&account.Session{Hash: "other", ID: session, Person: pat, Account: "default", Member: patMember, Method: "passkey", Created: noon, Used: noon, Ends: noon.Add(time.Hour)})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// neighbour makes another organisation with keys named for what they are, one more key in the
// workspace team, and is the session of the organisation's owner.
func (h *house) neighbour() (token string) {
	h.t.Helper()
	const person, place, home = "00000000-0000-4000-8000-000000000021", "00000000-0000-4000-8000-000000000022", "00000000-0000-4000-8000-000000000023"
	if err := h.Store.OpenAccount(h.t.Context(), "other", true); err != nil {
		h.t.Fatal(err)
	}
	err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "other", Action: "test"}, func(tx *directory.Tx) error {
		tx.PutKey(&account.Key{Hash: account.HashKey("other-workspace"), Account: "default", Workspace: team})
		tx.PutKey(&account.Key{Hash: account.HashKey("other-inference"), Account: "other", Workspace: home})
		tx.PutKey(&account.Key{Hash: account.HashKey("other-owner"), Account: "other", Workspace: home, Management: true, Extras: account.Extras{Role: account.Owner}})
		return errors.Join(
			tx.PutOrganization(&account.Organization{ID: "other", Name: "Other", Workspace: home, Created: noon}),
			tx.PutWorkspace(&account.Workspace{ID: home, Account: "other", Name: "Home", Slug: "default", Created: noon}),
			tx.PutPerson(&account.Person{ID: person, Email: "other@example.com", Password: patHash(), Created: noon}),
			tx.PutMember(&account.Member{ID: place, Account: "other", Email: "other@example.com", Person: person, Role: account.Owner, Created: noon}))
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, token, err = h.Door.Begin(h.t.Context(), httptest.NewRequest("POST", "/session", nil), noon, person, "password"); err != nil {
		h.t.Fatal(err)
	}
	return token
}

// as is call with a session.
func (h *house) as(token, method, target, body string) reply {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: token})
	return h.through(h.Handler(), r)
}

// furnish makes a workspace with a budget and a member, a guardrail that nobody is under, a
// preset, a person who is an owner, and an invitation.
func (h *house) furnish() {
	h.t.Helper()
	c := &account.Credential{ID: owned, Account: "default", Workspace: workspace, Provider: "openai", Name: "ours", Created: noon}
	if err := h.Credentials.Seal(h.t.Context(), c, "sk-owned-1234567890"); err != nil {
		h.t.Fatal(err)
	}
	d := &account.Destination{ID: destination, Account: "default", Workspace: workspace, Name: "traces", Kind: "langfuse", Created: noon, Updated: noon}
	config := telemetry.Config{Values: map[string]string{"publicKey": "pk-1", "secretKey": "sk-canary-1"}, Headers: map[string]string{"X-Own": "canary-header"}}
	if err := h.Destinations.Seal(h.t.Context(), d, config); err != nil {
		h.t.Fatal(err)
	}
	p := &account.Preset{ID: brief, Account: "default", Workspace: workspace, Slug: "brief", Name: "brief", Status: account.PresetActive, Designated: 1, Created: noon, Updated: noon}
	err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		return errors.Join(
			tx.PutWorkspace(&account.Workspace{ID: team, Account: "default", Name: "Team", Slug: "team", Created: noon,
				Budgets: []account.Budget{{ID: "00000000-0000-4000-8000-00000000000d", Window: account.Monthly, Limit: 10 * money.Dollar, Created: noon, Updated: noon}}}),
			tx.PutMember(&account.Member{ID: member, Account: "default", Email: "ann@example.com", Role: account.Developer, Created: noon}),
			tx.PutSession(&account.Session{Hash: "anns", ID: theirs, Person: "ann", Account: "default", Member: member, Method: "password", Created: noon, Used: noon, Ends: noon.Add(time.Hour)}),
			tx.PutGroup(&account.Group{ID: mapped, Account: "default", Name: "Research", External: "r", Created: noon, Updated: noon}),
			tx.PutGroup(&account.Group{ID: group, Account: "default", Name: "Engineering", Created: noon, Updated: noon}),
			tx.Sync(&account.SyncJob{ID: synced, Account: "default", At: noon}, newUUID),
			tx.PutMapping(&account.GroupMapping{ID: mapping, Account: "default", Group: mapped, Workspace: team, Role: account.PlaceMember, Created: noon, Updated: noon}),
			tx.PutFederationPolicy(&account.FederationPolicy{ID: workloads, Account: "default", Issuer: "https://issuer.test", Audience: "us", Seconds: 900, Key: account.HashKey(workloads), Created: noon,
				Conditions: []account.ClaimCondition{{Claim: "sub", Values: []string{"me"}}}}),
			tx.PutPerson(&account.Person{ID: pat, Email: "pat@example.com", Name: "Pat", Password: patHash(), Created: noon, Subject: &account.Subject{Issuer: "https://issuer.test", ID: "pat", Bound: noon},
				Passkeys: []account.Passkey{{ID: passkey, Name: "Laptop", Credential: []byte("{}"), Created: noon}}}),
			tx.PutMember(&account.Member{ID: patMember, Account: "default", Email: "pat@example.com", Person: pat, Role: account.Owner, Created: noon}),
			tx.PutInvitation(&account.Invitation{ID: invited, Hash: "none", Account: "default", Email: "new@example.com", Role: account.Viewer, By: "socket", Created: noon, Ends: noon.Add(time.Hour)}),
			tx.PutCredential(c),
			tx.PutDestination(d),
			tx.PutPreset(p),
			tx.PutPrivateProvider(&private.Provider{ID: mine, Slug: "mine", BaseURL: "http://10.0.0.1/v1", Protocol: llm.OpenAIChat, Auth: "none", Created: noon}),
			tx.PutPrivateEndpoint(&private.Endpoint{ID: myModel, Provider: "openai", Model: "openai/gpt-5", Tag: "openai/mine", Upstream: "ft:gpt-5", Free: true, Status: private.Draft, Created: noon}),
			tx.AddPresetVersion(p, &account.PresetVersion{ID: "00000000-0000-4000-8000-000000000010", Preset: brief, From: llm.OpenAIChat, Config: []byte(`{"model":"openai/gpt-5"}`), System: "Be brief.", Created: noon}),
			tx.PutGuardrail(&account.Guardrail{ID: guardrail, Account: "default", Name: "careful", Created: noon}))
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// inferencePath is where the inference key is managed.
var inferencePath = "/keys/" + string(account.HashKey(inferenceKey))

func perMillion(t *testing.T, s string) money.Price {
	t.Helper()
	p, err := money.PerMillion(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// smallCatalog has a credential for openai and acme, none for nokey.
func smallCatalog(t *testing.T) *catalog.Snapshot {
	t.Helper()
	snap, err := catalog.Build(&catalog.Data{Revision: "test", Aliases: []catalog.Alias{{Name: "~openai/gpt-latest", Model: "openai/gpt-5"}}}, smallOverlay(t))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func smallOverlay(t *testing.T) catalog.Overlay {
	t.Helper()
	rates := func(in, out string) *catalog.Pricing {
		return &catalog.Pricing{Rates: catalog.Rates{Prompt: perMillion(t, in), Completion: perMillion(t, out)}}
	}
	read := perMillion(t, "0.1")
	long := rates("1.25", "10")
	long.CacheRead = &read
	long.Tiers = []catalog.Tier{{AbovePrompt: 200_000, Rates: catalog.Rates{Prompt: perMillion(t, "2.5"), Completion: perMillion(t, "15")}}}
	painter := rates("3", "30")
	each := perMillion(t, "40000")
	painter.OutputImage = &each
	return catalog.Overlay{
		Origin:      "test",
		Credentials: []string{"openai", "acme"},
		Providers: []catalog.ProviderRow{
			{Provider: catalog.Provider{Slug: "openai", Name: "OpenAI", BaseURL: "https://openai.test/v1", Env: []string{"OPENAI_API_KEY"}, Headquarters: "US", PrivacyURL: "https://openai.test/privacy"}},
			{Provider: catalog.Provider{Slug: "acme", Name: "Acme AI", BaseURL: "https://acme.test/v1", Also: []llm.Dialect{llm.OpenAIImages}, Env: []string{"ACME_API_KEY"}, Datacenters: []string{"DE"}, Data: catalog.DataPolicy{Trains: catalog.No, Retains: catalog.No}}},
			{Provider: catalog.Provider{Slug: "nokey", Name: "No Key", BaseURL: "https://nokey.test/v1", Env: []string{"NOKEY_API_KEY"}}},
		},
		Models: []catalog.ModelRow{
			{Model: catalog.Model{Slug: "openai/gpt-5", Name: "OpenAI: GPT-5", Created: noon.AddDate(0, 0, -30).Unix(), ContextLength: 400_000, MaxOutput: 128_000,
				InputModalities: []string{"text", "image"}, Tokenizer: "GPT", Reasoning: true, KnowledgeCutoff: "2024-09-30",
				SupportedParameters: []string{"tools", "reasoning", "max_tokens"}, DefaultParameters: map[string]float64{"temperature": 1, "odd": 2}}},
			{Model: catalog.Model{Slug: "acme/large", Name: "Acme: Large", Created: noon.AddDate(0, 0, -3).Unix(), ContextLength: 32_000, Tokenizer: "Llama3", SupportedParameters: []string{"tools"}}},
			{Model: catalog.Model{Slug: "acme/painter", Name: "Acme: Painter", OutputModalities: []string{"image"}}},
			{Model: catalog.Model{Slug: "nokey/tiny", Name: "No Key: Tiny", ContextLength: 8000}},
			{Model: catalog.Model{Slug: "nokey/unpriced", Name: "No Key: Unpriced"}},
		},
		Endpoints: []catalog.EndpointRow{
			{Provider: "openai", Model: "openai/gpt-5", Pricing: long, ContextLength: 400_000, Reasoning: &catalog.ReasoningOptions{Effort: true, Efforts: []string{"low", "high"}, Mandatory: true}},
			{Provider: "openai", Model: "openai/gpt-5", Tag: "openai/priority", Variant: "priority", Pricing: rates("2.5", "20")},
			{Provider: "acme", Model: "openai/gpt-5", Pricing: rates("2", "12"), Region: "eu", Quantization: "fp8"},
			{Provider: "nokey", Model: "openai/gpt-5", Pricing: rates("1", "9")},
			{Provider: "acme", Model: "acme/large", Pricing: rates("0.5", "0.7"), ContextLength: 32_000},
			{Provider: "acme", Model: "acme/painter", Pricing: painter},
			{Provider: "nokey", Model: "nokey/tiny", Pricing: rates("0.05", "0.05")},
			{Provider: "nokey", Model: "nokey/unpriced", Unpriced: "nobody said"},
		},
	}
}

// reply is an answer, its JSON decoded.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// at is a member of the answer by its path.
func (r reply) at(path ...any) any {
	var v any = r.body
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

func (r reply) message() string { s, _ := r.at("error", "message").(string); return s }

// call makes a request with a key ("" none) and checks the answer against the description
// of the API. Numbers are kept as written.
func (h *house) call(key, method, target, body string) reply {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return h.through(h.Handler(), r)
}

// trustedOrAs is as with a token, trusted without.
func (h *house) trustedOrAs(token, method, target, body string) reply {
	h.t.Helper()
	if token == "" {
		return h.trusted(method, target, body)
	}
	return h.as(token, method, target, body)
}

// trusted is call over the socket of the data directory.
func (h *house) trusted(method, target, body string) reply {
	h.t.Helper()
	return h.through(h.Trusted(), httptest.NewRequest(method, target, strings.NewReader(body)))
}

func (h *house) through(handler http.Handler, r *http.Request) reply {
	h.t.Helper()
	w := httptest.NewRecorder()
	canary.Handler(h.t, handler).ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if out.header.Get("Content-Type") == jsonType {
		dec := json.NewDecoder(strings.NewReader(out.raw))
		dec.UseNumber()
		if err := dec.Decode(&out.body); err != nil {
			h.t.Fatalf("%s %s: %v in %q", r.Method, r.URL, err, out.raw)
		}
		conforms(h.t, r, out)
	}
	if out.status >= 400 && r.Pattern == "/oauth/token" { // RFC 6749 §5.2
		if out.at("error_description") == "" || out.at("error") == "" {
			h.t.Errorf("%s %s: not an error of OAuth: %s", r.Method, r.URL, out.raw)
		}
	} else if out.status >= 400 && (out.message() == "" || out.at("error", "metadata", "error_type") == nil || out.at("error", "code") != json.Number(strconv.Itoa(out.status))) {
		h.t.Errorf("%s %s: not the error envelope: %s", r.Method, r.URL, out.raw)
	}
	return out
}

// ids are the ids of a list of models.
func (r reply) ids() string {
	var out []string
	list, _ := r.at("data").([]any)
	for _, v := range list {
		id, _ := v.(map[string]any)["id"].(string)
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

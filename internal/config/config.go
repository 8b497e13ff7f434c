// Package config reads what the operator says: a YAML file, with environment variables
// for secrets. It refuses, naming file and line, everything that would fail at the first
// request. It is the only package that reads environment variables. Start with Load.
package config

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Config is the whole configuration. The zero value of every field is a sensible default,
// given in its comment.
type Config struct {
	Listen string `yaml:"listen"` // address to listen on: 127.0.0.1:8080
	Data   string `yaml:"data"`   // directory of the database: ./data
	Demo   *bool  `yaml:"demo"`   // serve the demo providers: when no provider has a credential

	PublicURL     string        `yaml:"public_url"`      // where people open the web app, for links to it: the address they ask at
	Trusted       []string      `yaml:"trusted_proxies"` // networks whose X-Forwarded-For and -Proto are believed: none
	SignIn        SignIn        `yaml:"sign_in"`
	Workloads     Workloads     `yaml:"workloads"`
	Limits        Limits        `yaml:"limits"`
	Timeouts      Timeouts      `yaml:"timeouts"`
	Media         Media         `yaml:"media"`
	Responses     Responses     `yaml:"responses"`
	Contents      Contents      `yaml:"contents"`
	Observability Observability `yaml:"observability"`
	Ledger        Ledger        `yaml:"ledger"`
	Vault         Vault         `yaml:"vault"`
	BYOK          BYOK          `yaml:"byok"`
	Policy        Policy        `yaml:"policy"`
	Log           Log           `yaml:"log"`
	Providers     []Provider    `yaml:"providers"`
	Models        []Model       `yaml:"models"`
}

// SignIn says how people sign in.
type SignIn struct {
	Idle Duration `yaml:"idle"` // how long a session lasts unused: 12h
	Life Duration `yaml:"life"` // how long it lasts at all: 336h
	OIDC []OIDC   `yaml:"oidc"` // providers that vouch for people: none
}

// OIDC is an OpenID Connect provider with which people sign in.
type OIDC struct {
	ID               string      `yaml:"id"`   // part of the callback's address
	Name             string      `yaml:"name"` // on the button: the id
	Issuer           string      `yaml:"issuer"`
	ClientID         string      `yaml:"client_id"`
	ClientSecret     string      `yaml:"client_secret"` // or from one of the two places below; none for a public client
	ClientSecretEnv  string      `yaml:"client_secret_env"`
	ClientSecretFile string      `yaml:"client_secret_file"`
	Scopes           []string    `yaml:"scopes"`       // besides openid: email and profile
	Domains          []string    `yaml:"domains"`      // of the e-mail addresses that it vouches for; "*" any
	Trusted          bool        `yaml:"trust_email"`  // an address counts as verified where it does not say: false
	GroupsClaim      string      `yaml:"groups_claim"` // groups
	Groups           []GroupRule `yaml:"groups"`
	Role             string      `yaml:"role"`         // of who is in no group with a role: developer
	Organization     string      `yaml:"organization"` // id of the one whose members it knows: default
	Create           bool        `yaml:"create"`       // who is no member becomes one: false
}

// GroupRule is what a group of a provider gives its members, at each sign-in.
type GroupRule struct {
	Group      string   `yaml:"group"`
	Role       string   `yaml:"role"`       // owner admin billing developer viewer; none
	Workspaces []string `yaml:"workspaces"` // ids or slugs
}

// Workloads says how programs prove who they are without a key.
type Workloads struct {
	Private bool `yaml:"private_issuers"` // issuers may have private addresses, any port, and on this machine http: false
}

// Limits bound what a client may send.
type Limits struct {
	MaxBody    int64 `yaml:"max_body"`    // bytes of a request body: 52428800
	MaxHeaders int   `yaml:"max_headers"` // bytes of request headers: 65536
	MaxKept    int64 `yaml:"keepsakes"`   // bytes of opaque reasoning kept in memory for the next turn: 67108864; -1 none
}

// Media says how media that a request refers to by URL is got for providers that take it
// inline only.
type Media struct {
	Fetch    *bool    `yaml:"fetch"`     // at all: true
	MaxBytes int64    `yaml:"max_bytes"` // of one file: 20971520
	Timeout  Duration `yaml:"timeout"`   // for one file: 10s
	Private  bool     `yaml:"private"`   // also from private addresses and any port: false
}

// Responses says which answers of the Responses API are kept for their clients, sealed, in a
// file of its own.
type Responses struct {
	Store    string `yaml:"store"`     // none; asked: those whose request says "store": true; all: but those that say false. none
	Days     int    `yaml:"days"`      // how long: 30
	MaxBytes int64  `yaml:"max_bytes"` // of all together, the oldest make room: 1073741824
	KeyFile  string `yaml:"key_file"`  // 32 random bytes to seal under: responses.key in the data directory, made at the first start
}

// Contents says what may be kept of prompts and answers for workspaces that switch it on,
// sealed, in a file of its own.
type Contents struct {
	Forbid   bool   `yaml:"forbid"`    // whatever a workspace says: false
	MaxBytes int64  `yaml:"max_bytes"` // of all together, the oldest make room: 10737418240
	KeyFile  string `yaml:"key_file"`  // 32 random bytes to seal under: contents.key in the data directory, made with the file
}

// Observability says where destinations of workspaces may be.
type Observability struct {
	Private bool `yaml:"private"` // also at private addresses: false
}

// Timeouts bound how long things may take.
type Timeouts struct {
	Connect    Duration `yaml:"connect"`     // to a provider: 10s
	FirstToken Duration `yaml:"first_token"` // of a stream, then the next endpoint is tried: 2m
	Idle       Duration `yaml:"idle"`        // between chunks of a stream: 2m
	Answer     Duration `yaml:"answer"`      // of an answer that does not stream: 15m
	KeepAlive  Duration `yaml:"keep_alive"`  // silence before a stream gets a comment: 5s
	Body       Duration `yaml:"body"`        // of a request to come, and a second more for every 8 KiB that have: 30s
	Shutdown   Duration `yaml:"shutdown"`    // for open streams to finish: 30s
}

// Duration is a length of time as Go writes it: 250ms, 10s, 2m.
type Duration struct{ time.Duration }

// UnmarshalYAML reads a duration; the error has its line.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	tok := n.GetToken()
	v, err := time.ParseDuration(tok.Value)
	if err != nil {
		return &Error{Line: tok.Position.Line, Says: fmt.Sprintf("%q is not a duration; write it as 250ms, 10s or 2m", tok.Value)}
	}
	d.Duration = v
	return nil
}

// Ledger says how money is kept.
type Ledger struct {
	Prepaid bool   `yaml:"prepaid"` // requests need granted credit: false
	Strict  bool   `yaml:"strict"`  // a hold is on disk before the provider is called: false
	Sync    string `yaml:"sync"`    // normal survives a crash of the process, full also of the machine: normal
}

// Policy is what holds for every request, whatever it asks.
type Policy struct {
	AllowedProviders []string `yaml:"allowed_providers"` // all
	IgnoredProviders []string `yaml:"ignored_providers"` // none
	AllowedModels    []string `yaml:"allowed_models"`    // all
	IgnoredModels    []string `yaml:"ignored_models"`    // none
	ZDR              bool     `yaml:"zdr"`               // only endpoints known to keep nothing: false
	DenyCollection   bool     `yaml:"deny_data_collection"`
	NoLoss           bool     `yaml:"refuse_losses"` // refuse what a provider's wire cannot carry: false, report it
	Sort             string   `yaml:"sort"`          // price throughput latency; balanced by price
}

// Log says what the log looks like. It never holds content.
type Log struct {
	Level  string `yaml:"level"`  // debug info warn error: info
	Format string `yaml:"format"` // text json: text
}

// Provider switches a provider of the catalogue on or adds one.
type Provider struct {
	Slug       string   `yaml:"slug"`
	Name       string   `yaml:"name"`
	Protocol   string   `yaml:"protocol"` // openai.chat anthropic.messages gemini.generateContent …
	Also       []string `yaml:"also"`     // further protocols at the same base URL
	Only       []string `yaml:"only"`     // models of one protocol alone: openai.responses:*-pro
	BaseURL    string   `yaml:"base_url"`
	APIKey     string   `yaml:"api_key"`
	APIKeyEnv  string   `yaml:"api_key_env"`
	APIKeyFile string   `yaml:"api_key_file"`
	Platform   string   `yaml:"platform"`    // bedrock vertex azure: how calls are addressed and signed
	Region     string   `yaml:"region"`      // of AWS to sign for, where the base URL does not name it
	APIVersion string   `yaml:"api_version"` // of Azure, for base URLs without /v1
	Auth       string   `yaml:"auth"`        // bearer, none, header:NAME, aws, google, entra

	Values map[string]string `yaml:"values"` // fills {placeholders} of the base URL; else the environment variables of their names

	Quirks       []string `yaml:"quirks"`
	Disabled     bool     `yaml:"disabled"`
	Headquarters string   `yaml:"headquarters"`
	Data         *Data    `yaml:"data_policy"`
}

// Data is what a provider or endpoint does with prompts. What is not said is unknown,
// which policies read as the worst case.
type Data struct {
	Trains        *bool `yaml:"trains"`
	Retains       *bool `yaml:"retains"`
	RetentionDays *int  `yaml:"retention_days"`
	Publishes     *bool `yaml:"publishes"`
}

// Model adds a model, or endpoints to one of the catalogue.
type Model struct {
	Slug             string     `yaml:"slug"`
	Name             string     `yaml:"name"`
	Description      string     `yaml:"description"`
	ContextLength    int64      `yaml:"context_length"`
	MaxOutput        int64      `yaml:"max_output"`
	InputModalities  []string   `yaml:"input_modalities"`
	OutputModalities []string   `yaml:"output_modalities"`
	Parameters       []string   `yaml:"parameters"`
	Endpoints        []Endpoint `yaml:"endpoints"`
}

// Endpoint is one provider serving a model.
type Endpoint struct {
	Provider         string     `yaml:"provider"`
	Tag              string     `yaml:"tag"`
	UpstreamModel    string     `yaml:"upstream_model"`
	ContextLength    int64      `yaml:"context_length"`
	MaxOutput        int64      `yaml:"max_output"`
	Quantization     string     `yaml:"quantization"`
	InputModalities  []string   `yaml:"input_modalities"`
	OutputModalities []string   `yaml:"output_modalities"`
	Parameters       []string   `yaml:"parameters"`
	Region           string     `yaml:"region"`
	Free             bool       `yaml:"free"`
	Price            *Price     `yaml:"price"`
	Data             *Data      `yaml:"data_policy"`
	Reasoning        *Reasoning `yaml:"reasoning"`
}

// Reasoning is how an endpoint takes reasoning requests.
type Reasoning struct {
	Effort    bool     `yaml:"effort"`
	Budget    bool     `yaml:"budget"`
	Efforts   []string `yaml:"efforts"`
	Adaptive  bool     `yaml:"adaptive"`
	Mandatory bool     `yaml:"mandatory"`
}

// Price is decimal US dollars: per million tokens where the field counts tokens, else per
// item.
type Price struct {
	Prompt       PerMillion  `yaml:"prompt"`
	Completion   PerMillion  `yaml:"completion"`
	CacheRead    *PerMillion `yaml:"cache_read"`
	CacheWrite   *PerMillion `yaml:"cache_write"`
	CacheWrite1h *PerMillion `yaml:"cache_write_1h"`
	Reasoning    *PerMillion `yaml:"reasoning"`
	AudioInput   *PerMillion `yaml:"audio_input"`
	ImageInput   *PerMillion `yaml:"image_input"`
	AudioOutput  *PerMillion `yaml:"audio_output"`
	ImageOutput  *PerMillion `yaml:"image_output"`
	Image        *PerItem    `yaml:"image"`
	Request      *PerItem    `yaml:"request"`
	WebSearch    *PerItem    `yaml:"web_search"`
	Tiers        []Tier      `yaml:"tiers"`
}

// Tier is the prices of a whole request whose prompt is longer.
type Tier struct {
	AbovePrompt int64       `yaml:"above_prompt_tokens"`
	Prompt      PerMillion  `yaml:"prompt"`
	Completion  PerMillion  `yaml:"completion"`
	CacheRead   *PerMillion `yaml:"cache_read"`
	CacheWrite  *PerMillion `yaml:"cache_write"`
}

// PerMillion is dollars per million units, kept exact.
type PerMillion money.Price

// UnmarshalYAML reads a decimal written as a number or a string.
func (p *PerMillion) UnmarshalYAML(n ast.Node) error {
	v, err := decimal(n, money.PerMillion)
	*p = PerMillion(v)
	return err
}

// PerItem is dollars per unit, kept exact.
type PerItem money.Price

// UnmarshalYAML reads a decimal written as a number or a string.
func (p *PerItem) UnmarshalYAML(n ast.Node) error {
	v, err := decimal(n, money.ParsePrice)
	*p = PerItem(v)
	return err
}

// decimal reads a price from the text of a node, which no float has seen.
func decimal(n ast.Node, parse func(string) (money.Price, error)) (money.Price, error) {
	tok := n.GetToken()
	v, err := parse(tok.Value)
	if err != nil {
		return 0, &Error{Line: tok.Position.Line, Says: err.Error()}
	}
	return v, nil
}

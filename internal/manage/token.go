package manage

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/limit"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

// Names of RFC 8693 §2.1 and §3.
const (
	tokenExchange   = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
	jwtType         = "urn:ietf:params:oauth:token-type:jwt"
	idTokenType     = "urn:ietf:params:oauth:token-type:id_token"
)

const (
	maxForm          = 32 << 10 // bytes of a token request
	refusalsAMinute  = 60       // of token requests from one network
	maxSubject       = 512      // bytes of a subject that a token repeats
	exchangeDeadline = 20 * time.Second
)

// tokenError is a refusal as OAuth has it (RFC 6749 §5.2).
type tokenError struct {
	status int
	Code   string `json:"error"`
	Says   string `json:"error_description"`
	retry  time.Duration
}

func (e *tokenError) Error() string { return e.Says }

// refuseToken writes a refusal.
func (a *API) refuseToken(w http.ResponseWriter, e *tokenError) {
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.retry.Seconds())+1))
	}
	raw, err := json.Marshal(e)
	if err != nil {
		raw = []byte("{}") // it is two texts
	}
	write(w, e.status, jsonType, raw)
}

func badToken(code, says string) error {
	return &tokenError{status: http.StatusBadRequest, Code: code, Says: says}
}

func notNow(status int, retry time.Duration, says string) error {
	return &tokenError{status: status, Code: "temporarily_unavailable", Says: says, retry: retry}
}

// exchanges slows down who is refused tokens.
type exchanges struct{ limit.Crowd[netip.Prefix] }

// issued is the answer to a token request (RFC 8693 §2.2.1).
type issued struct {
	Token   string `json:"access_token"`
	Type    string `json:"issued_token_type"`
	Use     string `json:"token_type"`
	Seconds int64  `json:"expires_in"`
	Scope   string `json:"scope"`
}

// exchangeToken gives a workload that proves who it is, with a token of its own issuer, a
// short-lived token of ours (RFC 8693). The proof is all it needs.
func (a *API) exchangeToken(c *call) (any, error) {
	network := limit.Neighbours(a.Client(c.Request))
	if d := a.exchanges.Take(c.now, network, refusalsAMinute); !d.OK {
		return nil, notNow(http.StatusTooManyRequests, d.Retry, "Too many token requests from your network were refused; wait")
	}
	subject, policy, err := c.tokenRequest()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), exchangeDeadline)
	defer cancel()
	p, claims, err := a.prove(ctx, policy, subject)
	if err != nil {
		return nil, err
	}
	who := claims.Text("sub")
	now := c.now.Truncate(time.Second)
	t := workload.Token{ID: newUUID(), Issuer: a.Origin(c.Request), Policy: p.ID, Subject: who[:min(len(who), maxSubject)],
		Issued: now, Expires: now.Add(time.Duration(p.Seconds) * time.Second)}
	signed, err := a.Workloads.Sign(t)
	if err != nil {
		return nil, err
	}
	entry := a.entry(c, "federation_policy.token", p.ID, map[string]any{"issuer": p.Issuer, "subject": t.Subject, "token_id": t.ID, "expires_at": timestamp(t.Expires)})
	entry.Account, entry.Actor = p.Account, "workload"
	if err := a.change(c, entry, func(*directory.Tx) error { return nil }); err != nil {
		return nil, tokenStored(a.Log, err)
	}
	a.exchanges.Return(c.now, network, refusalsAMinute)
	return issued{signed, accessTokenType, "Bearer", p.Seconds, workload.Scope}, nil
}

// tokenRequest reads the form and checks what does not depend on the policy.
func (c *call) tokenRequest() (subject, policy string, err error) {
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return "", "", badToken("invalid_request", "The body must be a form (application/x-www-form-urlencoded)")
	}
	c.Body = http.MaxBytesReader(c.w, c.Body, maxForm)
	if err := c.ParseForm(); err != nil {
		return "", "", badToken("invalid_request", "The body must be a form of at most 32 KiB")
	}
	f := c.PostForm
	for name, values := range f {
		if len(values) > 1 && name != "audience" && name != "resource" { // RFC 6749 §3.2
			return "", "", badToken("invalid_request", "A parameter is given more than once")
		}
	}
	switch {
	case f.Get("grant_type") != tokenExchange:
		return "", "", badToken("unsupported_grant_type", "grant_type must be "+tokenExchange)
	case f.Get("subject_token") == "" || f.Get("federation_policy_id") == "":
		return "", "", badToken("invalid_request", "subject_token and federation_policy_id must be given")
	case !slices.Contains([]string{jwtType, idTokenType, accessTokenType}, f.Get("subject_token_type")):
		return "", "", badToken("invalid_request", "subject_token_type must be "+jwtType)
	case f.Get("requested_token_type") != "" && f.Get("requested_token_type") != accessTokenType:
		return "", "", badToken("invalid_request", "requested_token_type must be "+accessTokenType)
	case f.Get("actor_token") != "":
		return "", "", badToken("invalid_request", "actor_token is not supported")
	case f.Get("scope") != "" && f.Get("scope") != workload.Scope:
		return "", "", badToken("invalid_scope", "scope must be "+workload.Scope)
	}
	return f.Get("subject_token"), f.Get("federation_policy_id"), nil
}

// prove finds the policy and holds the token against it. Whether it is the policy or the
// token that does not count, a stranger does not learn.
func (a *API) prove(ctx context.Context, policy, subject string) (*account.FederationPolicy, oidc.Claims, error) {
	const says = "The policy is unknown or switched off, or the subject token does not satisfy it; the gateway's log says which"
	refuse := func(why string, err error) error {
		a.Log.Info("token exchange refused", slog.String("policy", policy[:min(len(policy), 64)]), slog.String("why", why), slog.Any("error", err))
		return badToken("invalid_grant", says)
	}
	p, ok := a.Directory.FederationPolicy(policy)
	if !ok {
		return nil, nil, refuse("no such policy", nil)
	}
	if k, ok := a.Store.Key(p.Key); !ok || k.Disabled {
		return nil, nil, refuse("the policy is switched off", nil)
	}
	claims, err := a.Issuers.Verify(ctx, p.Issuer, p.Audience, subject)
	switch {
	case errors.Is(err, oidc.ErrAway):
		a.Log.Warn("token exchange: the issuer cannot be asked", slog.String("issuer", p.Issuer), slog.Any("error", err))
		return nil, nil, notNow(http.StatusServiceUnavailable, 10*time.Second, "The issuer of the subject token cannot be asked at this moment")
	case err != nil:
		return nil, nil, refuse("the token does not count", err)
	case !workload.Met(p.Conditions, claims):
		return nil, nil, refuse("the token does not meet the conditions", nil)
	}
	return p, claims, nil
}

func tokenStored(log *slog.Logger, err error) error {
	log.Error("token exchange failed", slog.Any("error", err))
	return notNow(http.StatusServiceUnavailable, time.Second, "The gateway cannot give tokens at this moment")
}

// WorkloadKey is the key that an access token stands for, as long as its policy is there. The
// error is of kind NoKey.
func (a *API) WorkloadKey(token string, now time.Time) (*account.Key, error) {
	t, err := a.Workloads.Verify(token, now)
	switch {
	case errors.Is(err, workload.ErrExpired):
		return nil, fault.New(fault.NoKey, "This access token expired at "+timestamp(t.Expires)+"; exchange a new one at /oauth/token")
	case err != nil:
		return nil, fault.New(fault.NoKey, "Unknown access token; exchange one at /oauth/token")
	}
	if p, ok := a.Directory.FederationPolicy(t.Policy); ok {
		if k, ok := a.Store.Key(p.Key); ok {
			return k, nil
		}
	}
	return nil, fault.New(fault.NoKey, "The federation policy of this access token was deleted")
}

// keySet publishes the key that verifies access tokens.
func (a *API) keySet(*call) (any, error) { return a.Workloads.KeySet(), nil }

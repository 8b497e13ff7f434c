package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Client is what we are to a provider.
type Client struct {
	Issuer string
	ID     string
	Secret string   // "" a public client
	Scopes []string // besides openid
	Wanted []string // claims to ask for where the ID token lacks them
}

// Flow is one walk through the authorization code flow (OpenID Connect Core §3.1, RFC 7636).
// It belongs to one browser and is used once.
type Flow struct {
	State    string // comes back with the code
	Nonce    string // comes back in the token
	Verifier string // proves that who brings the code began the flow
	Redirect string // where the browser comes back to
}

// NewFlow begins a walk; a random text is new each time.
func NewFlow(redirect string, random func() string) Flow {
	return Flow{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
}

func (c *Client) config(p *oidc.Provider, f Flow) *oauth2.Config {
	scopes := append([]string{oidc.ScopeOpenID}, c.Scopes...)
	slices.Sort(scopes)
	return &oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, Endpoint: p.Endpoint(), RedirectURL: f.Redirect, Scopes: slices.Compact(scopes)}
}

// Address is where the browser goes to sign in.
func (i *Issuers) Address(ctx context.Context, c *Client, f Flow) (string, error) {
	is, err := i.ask(ctx, c.Issuer)
	if err != nil {
		return "", err
	}
	return c.config(is.provider, f).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// Finish exchanges the code that the browser brought back for who it is.
func (i *Issuers) Finish(ctx context.Context, c *Client, f Flow, code string) (Claims, error) {
	is, err := i.ask(ctx, c.Issuer)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, i.client)
	token, err := c.config(is.provider, f).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return nil, fmt.Errorf("exchange the code: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("the provider gave no ID token")
	}
	t, err := i.verify(ctx, c.Issuer, c.ID, raw)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(f.Nonce)) != 1 {
		return nil, errors.New("the ID token is from another sign-in")
	}
	claims, err := claimsOf(t)
	if err != nil {
		return nil, err
	}
	if to, said := claims["azp"]; said && to != c.ID { // OpenID Connect Core 1.0 §3.1.3.7
		return nil, errors.New("the ID token was given to another client")
	}
	return claims, c.complete(ctx, is.provider, token, claims)
}

// complete asks for wanted claims that the ID token does not have: some providers keep it
// short. The answer must be about the same person, and replaces nothing.
func (c *Client) complete(ctx context.Context, p *oidc.Provider, token *oauth2.Token, claims Claims) error {
	missing := func(name string) bool { _, said := claims[name]; return !said }
	if p.UserInfoEndpoint() == "" || !slices.ContainsFunc(c.Wanted, missing) {
		return nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("ask the provider about the person: %w", err)
	}
	more := Claims{}
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("read what the provider says of the person: %w", err)
	}
	if more.Text("sub") != claims.Text("sub") {
		return errors.New("the provider speaks of another person than the ID token")
	}
	for name, v := range more {
		if missing(name) {
			claims[name] = v
		}
	}
	return nil
}

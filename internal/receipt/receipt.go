// Package receipt is the form of privacy receipts: a signed statement of where a request's
// content went, under which policy, what is declared about those places, and what was
// stored. It holds no content. Whoever has the gateway's public key can verify one offline.
// It has no keys of its own and no clock. Start with Receipt, Sign and Verify.
package receipt

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version of the form.
const Version = 1

// Receipt is what is stated. All of it was known when the request's money was settled.
type Receipt struct {
	Version    int             `json:"version"`
	Generation string          `json:"generation_id"`
	Account    string          `json:"account"`
	Workspace  string          `json:"workspace_id"`
	Key        string          `json:"key_hash"`
	Issued     time.Time       `json:"issued_at"`
	Policy     json.RawMessage `json:"policy"`           // merged, with who demands what; what the request asked for is in it
	Catalog    string          `json:"catalog_revision"` // that the declarations are from
	Filtered   json.RawMessage `json:"filtered,omitempty"`
	Egress     []Egress        `json:"egress"` // every connection that something of the request went out on
	Stored     Stored          `json:"stored"`
}

// Egress is one call that left the gateway.
type Egress struct {
	Kind     string    `json:"kind"` // inference; media: fetched by its URL; moderation: judged by a model
	Host     string    `json:"host"`
	Provider string    `json:"provider,omitempty"`
	Endpoint string    `json:"endpoint_id,omitempty"`
	Region   string    `json:"region,omitempty"` // declared; "" unknown
	BYOK     bool      `json:"is_byok,omitempty"`
	Declared *Declared `json:"declared,omitempty"`
	Sent     int64     `json:"sent_bytes"`     // of the body
	Received int64     `json:"received_bytes"` // of the body
	Status   int       `json:"status,omitempty"`
}

// Declared is what is said about a place and by whom: yes, no or unknown.
type Declared struct {
	Trains    string `json:"trains"`
	Retains   string `json:"retains"`
	Publishes string `json:"publishes"`
	Days      int    `json:"retention_days"` // −1 unknown
	Source    string `json:"source,omitempty"`
	AsOf      string `json:"as_of,omitempty"`
}

// Stored is what the gateway itself keeps of the request.
type Stored struct {
	Metadata bool `json:"metadata"` // the generation record
	Content  bool `json:"content"`  // the response, kept for its client, sealed
	Opaque   bool `json:"opaque"`   // signatures of thoughts, in memory, sealed
}

// Signed is a receipt with its signature.
type Signed struct {
	Payload   string `json:"payload"`   // the receipt's JSON in base64url
	Signature string `json:"signature"` // Ed25519 over prefix and payload, in base64url
	Key       string `json:"key_id"`
}

// prefix keeps the key from signing anything that could be taken for something else.
const prefix = "dragoman receipt 1\n"

var encoding = base64.RawURLEncoding

// KeyID names a public key.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// Sign is the receipt as a document: the JSON of a Signed.
func Sign(key ed25519.PrivateKey, r *Receipt) ([]byte, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode the receipt: %w", err)
	}
	payload := encoding.EncodeToString(raw)
	return json.Marshal(Signed{payload, encoding.EncodeToString(ed25519.Sign(key, []byte(prefix+payload))), KeyID(key.Public().(ed25519.PublicKey))})
}

// Verify reads a document and checks its signature. The error says what is wrong.
func Verify(public ed25519.PublicKey, document []byte) (*Receipt, error) {
	var s Signed
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("not a receipt: %w", err)
	}
	if id := KeyID(public); s.Key != id {
		return nil, fmt.Errorf("signed with the key %.32s, and %s was given", s.Key, id)
	}
	signature, err := encoding.DecodeString(s.Signature)
	if err != nil || !ed25519.Verify(public, []byte(prefix+s.Payload), signature) {
		return nil, errors.New("the signature is wrong: the receipt was changed, or is not from the owner of the key")
	}
	raw, err := encoding.DecodeString(s.Payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	r := &Receipt{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("receipt of version %d; this program reads version %d", r.Version, Version)
	}
	return r, nil
}

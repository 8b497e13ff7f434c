package kms

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// GoogleConfig names a key of Cloud KMS whose purpose is ENCRYPT_DECRYPT. The token needs
// cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt.
type GoogleConfig struct {
	Name     string // projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version
	Endpoint string // "" for https://cloudkms.googleapis.com
	Token    Token  // an access token of OAuth 2 for the scope cloudkms or cloud-platform
	Caller   Caller
}

type google struct {
	service *service
	name    string
	token   Token
}

var cryptoKeys = regexp.MustCompile(`^projects/[a-z0-9:.-]{1,100}/locations/[a-z0-9-]{1,63}/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}$`)

// Google is a key of Cloud KMS
// (https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys).
// The place goes as additional authenticated data, and what goes either way has checksums.
// Its id is "google/" and the name.
func Google(c GoogleConfig) (vault.KEK, error) {
	if !cryptoKeys.MatchString(c.Name) {
		return nil, fmt.Errorf("kms: %q is not projects/P/locations/L/keyRings/R/cryptoKeys/K", c.Name)
	}
	if c.Token == nil {
		return nil, errors.New("kms: Google needs a token; configure a credential")
	}
	if c.Endpoint == "" {
		c.Endpoint = "https://cloudkms.googleapis.com"
	}
	s, err := newService(c.Caller, c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("kms: Google: %w", err)
	}
	return &google{service: s, name: c.Name, token: c.Token}, nil
}

// ID is "google/" and the name.
func (g *google) ID() string { return "google/" + g.name }

// Wrap is encrypt, with the key's primary version.
func (g *google) Wrap(ctx context.Context, dek []byte, place string) ([]byte, error) {
	a, err := g.call(ctx, "encrypt", "plaintext", dek, place)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, refusal(kindOf(a.status), a, a.root.At("error", "status").Str())
	}
	if !a.root.Get("verifiedPlaintextCrc32c").Bool() || !a.root.Get("verifiedAdditionalAuthenticatedDataCrc32c").Bool() {
		return nil, failure(vault.Unavailable, "it has not verified what it got")
	}
	return a.checked("ciphertext")
}

// Unwrap is decrypt. Google finds the version.
func (g *google) Unwrap(ctx context.Context, wrapped []byte, place string) ([]byte, error) {
	a, err := g.call(ctx, "decrypt", "ciphertext", wrapped, place)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		kind, code := kindOf(a.status), a.root.At("error", "status").Str()
		if code == "INVALID_ARGUMENT" {
			kind = vault.Mismatch
		}
		return nil, refusal(kind, a, code)
	}
	return a.checked("plaintext")
}

func (g *google) call(ctx context.Context, operation, field string, value []byte, place string) (answer, error) {
	var w rawjson.Writer
	w.Open('{')
	w.Key(field).Str(encode(value))
	w.Key(field + "Crc32c").Str(checksum(value))
	w.Key("additionalAuthenticatedData").Str(encode([]byte(place)))
	w.Key("additionalAuthenticatedDataCrc32c").Str(checksum([]byte(place)))
	w.Close('}')
	return g.service.post(ctx, "/v1/"+g.name+":"+operation, w.B, func(ctx context.Context, req *http.Request) error {
		token, err := credential(ctx, g.token)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return nil
	})
}

// checked is a field of the answer that agrees with its checksum.
func (a answer) checked(field string) ([]byte, error) {
	b, err := a.bytes(field)
	if err == nil && strings.Trim(string(a.root.Get(field+"Crc32c").Raw()), `"`) != checksum(b) {
		return nil, failure(vault.Unavailable, "its answer does not agree with its checksum")
	}
	return b, err
}

// checksum is CRC-32C as Google's JSON has it, an int64 in a string.
func checksum(b []byte) string {
	return strconv.FormatUint(uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))), 10)
}

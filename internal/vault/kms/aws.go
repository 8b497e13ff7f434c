package kms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// AWSConfig names a symmetric key of AWS KMS. The credential needs kms:Encrypt and
// kms:Decrypt on it.
type AWSConfig struct {
	ARN        string                                       // arn:aws:kms:REGION:ACCOUNT:key/ID, no alias
	Endpoint   string                                       // "" for the region's own
	Credential func(ctx context.Context) (sigv4.Key, error) // with errors as those of a Token
	Now        func() time.Time                             // of signatures; time.Now when nil
	Caller     Caller
}

type aws struct {
	service    *service
	arn        string
	scope      sigv4.Scope
	credential func(ctx context.Context) (sigv4.Key, error)
	now        func() time.Time
}

// arns are those of keys. An alias can be pointed at another key, under which nothing of
// before would open.
var arns = regexp.MustCompile(`^arn:(aws[a-z-]{0,20}):kms:([a-z0-9-]{1,30}):[0-9]{12}:key/[A-Za-z0-9-]{1,64}$`)

// AWS is a key of AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference/). The place
// goes as the encryption context's "place". Its id is "aws/" and the ARN.
func AWS(c AWSConfig) (vault.KEK, error) {
	parts := arns.FindStringSubmatch(c.ARN)
	if parts == nil {
		return nil, fmt.Errorf("kms: %q is not the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; an alias is not taken, since it can be moved", c.ARN)
	}
	if c.Credential == nil {
		return nil, errors.New("kms: AWS needs an access key; configure one")
	}
	if c.Endpoint == "" {
		c.Endpoint = "https://kms." + parts[2] + ".amazonaws.com"
		if parts[1] == "aws-cn" {
			c.Endpoint += ".cn"
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s, err := newService(c.Caller, c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("kms: AWS: %w", err)
	}
	return &aws{service: s, arn: c.ARN, scope: sigv4.Scope{Region: parts[2], Service: "kms"}, credential: c.Credential, now: c.Now}, nil
}

// ID is "aws/" and the ARN.
func (a *aws) ID() string { return "aws/" + a.arn }

// Wrap is Encrypt.
func (a *aws) Wrap(ctx context.Context, dek []byte, place string) ([]byte, error) {
	got, err := a.call(ctx, "Encrypt", "Plaintext", encode(dek), place)
	if err != nil {
		return nil, err
	}
	return got.bytes("CiphertextBlob")
}

// Unwrap is Decrypt, by this key alone.
func (a *aws) Unwrap(ctx context.Context, wrapped []byte, place string) ([]byte, error) {
	got, err := a.call(ctx, "Decrypt", "CiphertextBlob", encode(wrapped), place)
	if err != nil {
		return nil, err
	}
	return got.bytes("Plaintext")
}

func (a *aws) call(ctx context.Context, operation, field, value, place string) (answer, error) {
	var w rawjson.Writer
	w.Open('{')
	w.Key("KeyId").Str(a.arn)
	w.Key(field).Str(value)
	w.Key("EncryptionContext").Open('{')
	w.Key("place").Str(place)
	w.Close('}')
	w.Close('}')
	got, err := a.service.post(ctx, "/", w.B, func(ctx context.Context, req *http.Request) error {
		return a.sign(ctx, req, "TrentService."+operation, w.B)
	})
	if err != nil {
		return answer{}, err
	}
	if got.status != http.StatusOK {
		return answer{}, awsRefused(got)
	}
	return got, nil
}

func (a *aws) sign(ctx context.Context, req *http.Request, target string, body []byte) error {
	key, err := a.credential(ctx)
	if err != nil {
		return noCredential(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	sigv4.Sign(&sigv4.Call{Method: req.Method, Host: req.URL.Host, Target: req.URL.RequestURI(), Header: req.Header, Body: [][]byte{body}}, key, a.scope, a.now())
	return nil
}

// awsRefused reads the name of the exception, which may have a namespace before it.
func awsRefused(a answer) error {
	code := a.root.Get("__type").Str()
	code = code[strings.LastIndexByte(code, '#')+1:]
	kind := kindOf(a.status)
	switch code {
	case "InvalidCiphertextException", "IncorrectKeyException":
		kind = vault.Mismatch
	case "ThrottlingException", "LimitExceededException":
		kind = vault.Unavailable
	}
	return refusal(kind, a, code)
}

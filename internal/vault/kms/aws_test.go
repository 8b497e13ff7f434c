package kms

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/sigv4"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

const (
	arn       = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	awsSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// awsServer is AWS KMS with one key. What it seals is bound to the encryption context and
// the key, as there.
type awsServer struct{ *machine }

// signed computes the signature anew from what has arrived.
func signed(r *http.Request, secret string) bool {
	sum := func(text string) string { h := sha256.Sum256([]byte(text)); return hex.EncodeToString(h[:]) }
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	request := "POST\n/\n\ncontent-type:" + r.Header.Get("Content-Type") + "\nhost:" + r.Host + "\nx-amz-date:" + r.Header.Get("X-Amz-Date") +
		"\nx-amz-security-token:" + r.Header.Get("X-Amz-Security-Token") + "\nx-amz-target:" + r.Header.Get("X-Amz-Target") +
		"\n\ncontent-type;host;x-amz-date;x-amz-security-token;x-amz-target\n" + sum(r.Header.Get("test-body"))
	scope := "20260301/eu-central-1/kms/aws4_request"
	key := []byte("AWS4" + secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n20260301T120000Z\n"+scope+"\n"+sum(request)))
	return r.Header.Get("Authorization") == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+scope+
		", SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="+signature
}

func (s *awsServer) handle(w http.ResponseWriter, r *http.Request, body map[string]any) {
	if r.URL.Path != "/" || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || r.Header.Get("X-Amz-Security-Token") != "session" {
		s.t.Errorf("%s %v", r.URL, r.Header)
	}
	if !signed(r, awsSecret) {
		say(w, 400, `{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match"}`)
		return
	}
	if body["KeyId"] != arn {
		say(w, 400, `{"__type":"com.amazonaws.kms#NotFoundException","message":"Key '%s' does not exist"}`, body["KeyId"])
		return
	}
	bound, err := json.Marshal(body["EncryptionContext"])
	if err != nil || string(bound) != `{"place":"`+place+`"}` && !strings.Contains(string(bound), `{"place":"vault/`) && string(bound) != `{"place":"elsewhere"}` {
		s.t.Errorf("context %s", bound)
	}
	switch r.Header.Get("X-Amz-Target") {
	case "TrentService.Encrypt":
		sealed := s.seal.Seal(nil, nil, s.bytes(body["Plaintext"]), bound)
		say(w, 200, `{"CiphertextBlob":"%s","EncryptionAlgorithm":"SYMMETRIC_DEFAULT","KeyId":"%s"}`, encode(sealed), arn)
	case "TrentService.Decrypt":
		plain, err := s.seal.Open(nil, nil, s.bytes(body["CiphertextBlob"]), bound)
		if err != nil {
			say(w, 400, `{"__type":"InvalidCiphertextException"}`)
			return
		}
		say(w, 200, `{"EncryptionAlgorithm":"SYMMETRIC_DEFAULT","KeyId":"%s","Plaintext":"%s"}`, arn, encode(plain))
	default:
		say(w, 404, `<UnknownOperationException/>`)
	}
}

func (s *awsServer) config() AWSConfig {
	return AWSConfig{ARN: arn, Endpoint: s.serve(s.handle), Now: func() time.Time { return noon }, Credential: func(context.Context) (sigv4.Key, error) {
		return sigv4.Key{ID: "AKIDEXAMPLE", Secret: awsSecret, Session: "session"}, nil
	}}
}

func newAWS(t *testing.T, c AWSConfig) vault.KEK {
	t.Helper()
	k, err := AWS(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAWS(t *testing.T) {
	t.Parallel()
	s := &awsServer{newMachine(t, 1)}
	k := newAWS(t, s.config())
	if k.ID() != "aws/"+arn {
		t.Error(k.ID())
	}
	worksAsAKey(t, k, s.machine)
}

func TestAWSRefusals(t *testing.T) {
	t.Parallel()
	s := &awsServer{newMachine(t, 1)}
	config := s.config()
	config.Credential = func(context.Context) (sigv4.Key, error) {
		return sigv4.Key{ID: "AKIDEXAMPLE", Secret: word, Session: "session"}, nil
	}
	_, err := newAWS(t, config).Wrap(t.Context(), make([]byte, 32), place)
	if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), "400, InvalidSignatureException") || strings.Contains(err.Error(), word) {
		t.Error(err)
	}
	config = s.config()
	config.ARN = strings.Replace(arn, "1234abcd", "dcba4321", 1)
	_, err = newAWS(t, config).Wrap(t.Context(), make([]byte, 32), place)
	if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), "400, NotFoundException") {
		t.Error(err)
	}
}

func TestAWSKinds(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]vault.Kind{
		"ThrottlingException": vault.Unavailable, "LimitExceededException": vault.Unavailable, "InvalidCiphertextException": vault.Mismatch,
		"IncorrectKeyException": vault.Mismatch, "DisabledException": vault.Denied, "KMSInvalidStateException": vault.Denied, "AccessDeniedException": vault.Denied,
	} {
		m := newMachine(t, 1)
		c := AWSConfig{ARN: arn, Credential: (&awsServer{m}).config().Credential, Endpoint: m.serve(func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
			say(w, 400, `{"__type":"%s"}`, code)
		})}
		_, err := newAWS(t, c).Unwrap(t.Context(), []byte("w"), place)
		if vault.KindOf(err) != want || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestAWSConfigurations(t *testing.T) {
	t.Parallel()
	key := func(context.Context) (sigv4.Key, error) { return sigv4.Key{}, nil }
	for a, host := range map[string]string{
		arn: "kms.eu-central-1.amazonaws.com",
		"arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab":        "kms.cn-north-1.amazonaws.com.cn",
		"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab": "kms.us-gov-west-1.amazonaws.com",
	} {
		if got := newAWS(t, AWSConfig{ARN: a, Credential: key}).(*aws).service.base.Host; got != host {
			t.Errorf("%s at %s", a, got)
		}
	}
	for _, c := range []AWSConfig{
		{ARN: arn}, {Credential: key}, {ARN: "1234abcd-12ab-34cd-56ef-1234567890ab", Credential: key}, {ARN: "arn:aws:kms:eu-central-1:111122223333:alias/dragoman", Credential: key},
		{ARN: "arn:aws:kms:evil.example/:111122223333:key/1", Credential: key}, {ARN: arn, Credential: key, Endpoint: "http://kms.example.com"},
	} {
		if _, err := AWS(c); err == nil {
			t.Errorf("%q at %q was taken", c.ARN, c.Endpoint)
		}
	}
}

package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Vault says under which keys secrets of accounts are sealed.
type Vault struct {
	Key   *VaultKey  `yaml:"key"`   // vault.key in the data directory, made at the first start
	Older []VaultKey `yaml:"older"` // keys that only open
}

// VaultKey is a key in one of five places; one of its fields is set.
type VaultKey struct {
	File    string      `yaml:"file"` // 32 random bytes: raw, hex or base64
	Env     string      `yaml:"env"`  // the same in an environment variable
	Transit *TransitKey `yaml:"transit"`
	AWS     *AWSKey     `yaml:"aws"`
	Google  *GoogleKey  `yaml:"google"`
}

// TransitKey is a key of HashiCorp Vault's transit engine.
type TransitKey struct {
	Address   string `yaml:"address"`
	Mount     string `yaml:"mount"` // transit
	Key       string `yaml:"key"`
	Namespace string `yaml:"namespace"`
	TokenFile string `yaml:"token_file"` // read at each call, so that it may be renewed
	TokenEnv  string `yaml:"token_env"`  // VAULT_TOKEN
}

// Token is the token that HashiCorp Vault is asked with now.
func (t *TransitKey) Token() (string, error) {
	if t.TokenFile != "" {
		raw, err := os.ReadFile(t.TokenFile)
		if err != nil {
			return "", fmt.Errorf("token of HashiCorp Vault: %w", err)
		}
		return strings.TrimSpace(string(raw)), nil
	}
	name := t.TokenEnv
	if name == "" {
		name = "VAULT_TOKEN"
	}
	if v := os.Getenv(name); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("token of HashiCorp Vault: neither token_file nor the environment variable %s is set", name)
}

// AWSKey is a key of AWS KMS; the credential is AWS_ACCESS_KEY_ID and the like.
type AWSKey struct {
	ARN      string `yaml:"arn"`
	Endpoint string `yaml:"endpoint"` // the region's own
}

// GoogleKey is a key of Google's Cloud KMS; the credential is GOOGLE_APPLICATION_CREDENTIALS.
type GoogleKey struct {
	Name     string `yaml:"name"`
	Endpoint string `yaml:"endpoint"`
}

// Bytes is the text of a key in a file or an environment variable.
func (k *VaultKey) Bytes() ([]byte, error) {
	if k.File != "" {
		return os.ReadFile(k.File)
	}
	if v := os.Getenv(k.Env); v != "" {
		return []byte(v), nil
	}
	return nil, fmt.Errorf("the environment variable %s is not set", k.Env)
}

func (k *VaultKey) check() error {
	set := 0
	for _, there := range []bool{k.File != "", k.Env != "", k.Transit != nil, k.AWS != nil, k.Google != nil} {
		if there {
			set++
		}
	}
	if set != 1 {
		return errors.New("a vault key needs one of file, env, transit, aws and google")
	}
	return nil
}

func (c *checker) vault(v *Vault) {
	if v.Key != nil {
		if err := v.Key.check(); err != nil {
			c.add("$.vault.key", "%v", err)
		}
	}
	for i := range v.Older {
		if err := v.Older[i].check(); err != nil {
			c.add(fmt.Sprintf("$.vault.older[%d]", i), "%v", err)
		}
	}
}

// BYOK says what accounts pay for requests that they pay for elsewhere.
type BYOK struct {
	Fee Share `yaml:"fee"` // of list price: 0
}

// Share is a share in millionths, kept exact: 0.05 is 50000.
type Share int64

// UnmarshalYAML reads a decimal from 0 to 1 with at most six decimals.
func (s *Share) UnmarshalYAML(n ast.Node) error {
	tok := n.GetToken()
	whole, part, _ := strings.Cut(strings.Trim(tok.Value, `"'`), ".")
	part = (part + "000000")[:max(6, len(part))]
	var v int64
	if _, err := fmt.Sscanf(whole+part, "%d", &v); err != nil || len(part) > 6 || v < 0 || v > 1_000_000 || whole == "" || strings.Trim(whole+part, "0123456789") != "" {
		return &Error{Line: tok.Position.Line, Says: fmt.Sprintf("%q is not a share; write it as 0.05 for five per cent, with at most six decimals", tok.Value)}
	}
	*s = Share(v)
	return nil
}

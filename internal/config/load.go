package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile bounds a configuration file.
const maxFile = 8 << 20

// An Error is a mistake in a configuration file.
type Error struct {
	File string
	Line int // 0 unknown
	Says string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Says
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Says)
}

// File is a configuration as read, with the places of its parts.
type File struct {
	Name   string
	Config Config
	tree   *ast.File
}

// Load reads and checks a file; "" is the configuration with every default. All mistakes
// found are joined in the error, each an *Error.
func Load(name string) (*File, error) {
	f := &File{Name: name}
	if name != "" {
		if err := f.read(); err != nil {
			return nil, err
		}
	}
	f.Config.defaults()
	if err := errors.Join(append(f.fractions(), f.check()...)...); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) read() error {
	r, err := os.Open(f.Name)
	if err != nil {
		return fmt.Errorf("open configuration: %w", err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return fmt.Errorf("read configuration %s: %w", f.Name, err)
	}
	if len(raw) > maxFile {
		return &Error{File: f.Name, Says: fmt.Sprintf("the file is larger than %d bytes", maxFile)}
	}
	if f.tree, err = parser.ParseBytes(raw, 0); err != nil {
		return f.yamlError(err)
	}
	err = yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&f.Config)
	if err != nil && !errors.Is(err, io.EOF) {
		return f.yamlError(err)
	}
	return nil
}

// yamlError takes the line out of the library's error.
func (f *File) yamlError(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.File = f.Name
		return e
	}
	if y, ok := errors.AsType[yaml.Error](err); ok {
		return &Error{File: f.Name, Line: y.GetToken().Position.Line, Says: y.GetMessage()}
	}
	return &Error{File: f.Name, Says: err.Error()}
}

// At is an error at the place that a path such as "$.providers[1].slug" names, or at the
// nearest thing above it that is in the file.
func (f *File) At(path, says string) error {
	e := &Error{File: f.Name, Says: says}
	for p := path; f.tree != nil && p != "$" && p != ""; {
		if at, err := yaml.PathString(p); err == nil {
			if node, err := at.FilterFile(f.tree); err == nil && node != nil {
				e.Line = node.GetToken().Position.Line
				break
			}
		}
		p = p[:max(strings.LastIndexAny(p, ".["), 0)]
	}
	return e
}

func (c *Config) defaults() {
	str(&c.Listen, "127.0.0.1:8080")
	str(&c.Data, "data")
	str(&c.Log.Level, "info")
	str(&c.Log.Format, "text")
	str(&c.Ledger.Sync, "normal")
	if c.Limits.MaxBody == 0 {
		c.Limits.MaxBody = 50 << 20
	}
	if c.Limits.MaxKept == 0 {
		c.Limits.MaxKept = 64 << 20
	}
	if c.Limits.MaxHeaders == 0 {
		c.Limits.MaxHeaders = 64 << 10
	}
	dur(&c.SignIn.Idle.Duration, 12*time.Hour)
	dur(&c.SignIn.Life.Duration, 14*24*time.Hour)
	for i := range c.SignIn.OIDC {
		o := &c.SignIn.OIDC[i]
		str(&o.Name, o.ID)
		str(&o.GroupsClaim, "groups")
		str(&o.Role, "developer")
		str(&o.Organization, "default")
		if o.Scopes == nil {
			o.Scopes = []string{"email", "profile"}
		}
	}
	str(&c.Responses.Store, "none")
	if c.Responses.Days == 0 {
		c.Responses.Days = 30
	}
	if c.Contents.MaxBytes == 0 {
		c.Contents.MaxBytes = 10 << 30
	}
	if c.Responses.MaxBytes == 0 {
		c.Responses.MaxBytes = 1 << 30
	}
	dur(&c.Timeouts.KeepAlive.Duration, 5*time.Second)
	dur(&c.Timeouts.Body.Duration, 30*time.Second)
	dur(&c.Timeouts.Shutdown.Duration, 30*time.Second)
}

func str(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

func dur(d *time.Duration, v time.Duration) {
	if *d == 0 {
		*d = v
	}
}

// Secret is a provider's credential from wherever the file says it is.
func (p *Provider) Secret() (string, error) {
	return secret("provider "+p.Slug, p.APIKey, p.APIKeyEnv, p.APIKeyFile)
}

// secret is a secret of somebody from one of three places, "" where none is named.
func secret(whose, plain, env, file string) (string, error) {
	switch {
	case plain != "":
		return plain, nil
	case env != "":
		v := os.Getenv(env)
		if v == "" {
			return "", fmt.Errorf("%s: the environment variable %s is not set", whose, env)
		}
		return v, nil
	case file != "":
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s: %w", whose, err)
		}
		return strings.TrimSpace(string(raw)), nil
	}
	return "", nil
}

// Env is the value of an environment variable, for the credentials that the catalogue
// names.
func Env(name string) string { return os.Getenv(name) }

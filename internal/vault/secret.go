package vault

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden stands for a secret wherever one is printed, logged or marshalled.
const hidden = "[secret]"

// Secret is content that does not show by accident: no verb of fmt, no slog handler and no
// encoder that asks the value gets at it, and what walks through values without asking, as
// fmt does through unexported fields, cannot see into a function. The zero Secret is empty.
type Secret struct{ content func() []byte }

// NewSecret is a Secret that owns its content.
func NewSecret(content []byte) Secret { return Secret{func() []byte { return content }} }

// Bytes is the content. It is the Secret's own: read it only.
func (s Secret) Bytes() []byte {
	if s.content == nil {
		return nil
	}
	return s.content()
}

// Text is a copy of the content.
func (s Secret) Text() string { return string(s.Bytes()) }

// String hides the content.
func (Secret) String() string { return hidden }

// GoString hides the content.
func (Secret) GoString() string { return hidden }

// Format hides the content from every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// MarshalText hides the content from encoders of text, among them JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalBinary refuses, so that no binary encoder keeps a secret in the open.
func (Secret) MarshalBinary() ([]byte, error) {
	return nil, fmt.Errorf("vault: a secret is not marshalled; seal it")
}

// LogValue hides the content from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

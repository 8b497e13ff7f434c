package config

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestShare(t *testing.T) {
	for text, want := range map[string]Share{"0": 0, "0.05": 50_000, "1": 1_000_000, "0.000001": 1, `"0.5"`: 500_000} {
		var b BYOK
		if err := yaml.Unmarshal([]byte("fee: "+text), &b); err != nil || b.Fee != want {
			t.Errorf("%s: %d %v", text, b.Fee, err)
		}
	}
	for _, text := range []string{"-0.1", "1.5", "0.0000001", "five", "1e-2", "0x1", ".5", "0.5%"} {
		var b BYOK
		if err := yaml.Unmarshal([]byte("fee: "+text), &b); err == nil || !strings.Contains(err.Error(), "not a share") {
			t.Errorf("%s: %d %v", text, b.Fee, err)
		}
	}
}

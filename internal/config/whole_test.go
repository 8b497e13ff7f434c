package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFractionsOfWholeNumbers: what the library would cut off is refused with its line.
func TestFractionsOfWholeNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"responses: {days: 2.5}":                                         ":1: days 2.5 must be a whole number",
		"limits:\n  max_body: 2000.7":                                    ":2: max_body 2000.7 must be a whole number",
		"limits:\n  max_body: 2e6":                                       "",
		"responses: {days: 3.0}":                                         "",
		"timeouts: {connect: 1.5s}":                                      "",
		"providers:\n- slug: a\n  data_policy:\n    retention_days: 0.5": ":4: retention_days 0.5 must be a whole number",
		"models:\n- slug: a/b\n  context_length: 1000.5":                 ":3: context_length 1000.5 must be a whole number",
		"": "",
	} {
		name := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(name)
		if err == nil {
			err = os.ErrInvalid // for its text
		}
		if got := strings.Contains(err.Error(), "must be a whole number"); got != (want != "") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v", text, err)
		}
	}
}

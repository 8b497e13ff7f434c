package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCredential(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET", "GOOGLE_APPLICATION_CREDENTIALS", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	for _, auth := range []string{"aws", "google", "entra", "bearer"} {
		if v, err := Credential(auth); v != "" || err != nil {
			t.Errorf("%s without variables: %q %v", auth, v, err)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	if v, err := Credential("aws"); err != nil || !strings.Contains(v, `"access_key_id":"a"`) || !strings.Contains(v, `"secret_access_key":"b"`) || strings.Contains(v, "session") {
		t.Errorf("%q %v", v, err)
	}
	file := filepath.Join(t.TempDir(), "key.json")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	if _, err := Credential("google"); err == nil {
		t.Error("a file that is not there")
	}
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := Credential("google"); v != "{}" || err != nil {
		t.Errorf("%q %v", v, err)
	}
	t.Setenv("AWS_DEFAULT_REGION", "eu-west-1")
	if v := Value("AWS_REGION"); v != "eu-west-1" {
		t.Errorf("region %q", v)
	}
	for v, want := range map[string]bool{"eu-west-1": true, "My_Project.x": true, "": false, "a/b": false, "x@evil": false, ".": false, "a#": false} {
		if Plain(v) != want {
			t.Errorf("%q is plain: %t", v, !want)
		}
	}
}

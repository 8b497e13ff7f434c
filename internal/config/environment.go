package config

import (
	"fmt"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// twins are environment variables that mean the same as others.
var twins = map[string]string{
	"AWS_REGION":             "AWS_DEFAULT_REGION",
	"GOOGLE_VERTEX_PROJECT":  "GOOGLE_CLOUD_PROJECT",
	"GOOGLE_VERTEX_LOCATION": "GOOGLE_CLOUD_LOCATION",
}

// Value is what the environment says for a {placeholder} of a base URL.
func Value(name string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return os.Getenv(twins[name])
}

// WantsStacks reports whether the operator asks the runtime for stacks of its own accord.
func WantsStacks() bool { return os.Getenv("GOTRACEBACK") != "" }

// Credential is what the environment holds for a way to authenticate that has customary
// variables of its own, "" nothing: the keys of AWS, the file of Google, the application of
// Entra. Its form is the one that package provider reads.
func Credential(auth string) (string, error) {
	switch auth {
	case "aws":
		return object("AWS_ACCESS_KEY_ID", map[string]string{"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY", "session_token": "AWS_SESSION_TOKEN"}), nil
	case "entra":
		return object("AZURE_CLIENT_SECRET", map[string]string{"tenant_id": "AZURE_TENANT_ID", "client_id": "AZURE_CLIENT_ID", "client_secret": "AZURE_CLIENT_SECRET"}), nil
	case "google":
		path := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
		if path == "" {
			return "", nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS: %w", err)
		}
		return string(raw), nil
	}
	return "", nil
}

// object is a JSON object of environment variables, "" when the first is not set.
func object(first string, names map[string]string) string {
	if os.Getenv(first) == "" {
		return ""
	}
	var w rawjson.Writer
	w.Open('{')
	for key, name := range names {
		if v := os.Getenv(name); v != "" {
			w.Key(key).Str(v)
		}
	}
	w.Close('}')
	return string(w.B)
}

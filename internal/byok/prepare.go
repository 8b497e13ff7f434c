package byok

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// Prepare joins a row of the catalogue with what an account gave as its key (reference
// §4.12): a plain text; for Azure also [{"api_key", "resource_name", "resource_type"}]; for
// Bedrock also {"accessKeyId", "secretAccessKey", "region"}; for Vertex a service account's
// key file, with "region" beside its members. Where the row is the company's own, the
// resource, region or project in the key decides the host; a row of the operator's for a
// server of theirs keeps its host.
func Prepare(row *catalog.Provider, secret string) (*provider.Provider, error) {
	r := *row
	secret = strings.TrimSpace(secret)
	if secret == "" || strings.ContainsAny(secret, "\x00") {
		return nil, errors.New("it is empty, or no text")
	}
	var err error
	switch r.Platform {
	case catalog.Azure:
		secret, err = azure(&r, secret)
	case catalog.Bedrock:
		secret, err = bedrock(&r, secret)
	case catalog.Vertex:
		err = vertex(&r, secret)
	default:
		if strings.ContainsAny(secret, " \t\r\n") {
			err = errors.New("it has spaces or line ends in it")
		}
	}
	if err != nil {
		return nil, err
	}
	return provider.New(&r, secret)
}

// name is what may stand for one label of a host name, or one part of a path.
var name = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// theirs reports whether the row leads to the company's own hosts, whose names have the
// account's resource or region in them.
func theirs(row *catalog.Provider, domains ...string) bool {
	host := row.BaseURL
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	for _, d := range domains {
		if strings.HasSuffix(host, "."+d) {
			return true
		}
	}
	return false
}

func azure(r *catalog.Provider, secret string) (string, error) {
	if !strings.HasPrefix(secret, "[") {
		return secret, whole(r)
	}
	var keys []struct {
		Key      string `json:"api_key"`
		Resource string `json:"resource_name"`
		Type     string `json:"resource_type"`
		Endpoint string `json:"endpoint_url"`
	}
	if err := json.Unmarshal([]byte(secret), &keys); err != nil || len(keys) != 1 || keys[0].Key == "" {
		return "", errors.New(`it must be a list of one object with api_key and resource_name; add one credential for each resource`)
	}
	k := keys[0]
	switch {
	case k.Endpoint != "":
		return "", errors.New("a key of a single deployment (endpoint_url) is not taken by this version; give resource_name")
	case !name.MatchString(k.Resource):
		return "", errors.New("resource_name must be the name of an Azure resource: letters, digits and hyphens")
	case k.Type != "" && k.Type != "openai" && k.Type != "ai_foundry":
		return "", errors.New("resource_type must be openai or ai_foundry")
	}
	if theirs(r, "openai.azure.com", "services.ai.azure.com") {
		domain := "openai.azure.com"
		if k.Type == "ai_foundry" {
			domain = "services.ai.azure.com"
		}
		r.BaseURL = "https://" + k.Resource + "." + domain + "/openai/v1"
	}
	return k.Key, whole(r)
}

func bedrock(r *catalog.Provider, secret string) (string, error) {
	if !strings.HasPrefix(secret, "{") {
		return secret, whole(r)
	}
	var k struct {
		ID      string `json:"accessKeyId"`
		Secret  string `json:"secretAccessKey"`
		Session string `json:"sessionToken"`
		Region  string `json:"region"`
	}
	if err := json.Unmarshal([]byte(secret), &k); err != nil || k.ID == "" || k.Secret == "" || !name.MatchString(k.Region) {
		return "", errors.New("it must be an object with accessKeyId, secretAccessKey and region")
	}
	r.Region = k.Region
	if theirs(r, "amazonaws.com") {
		r.BaseURL = "https://bedrock-runtime." + k.Region + ".amazonaws.com"
	}
	raw, err := json.Marshal(map[string]string{"access_key_id": k.ID, "secret_access_key": k.Secret, "session_token": k.Session})
	if err != nil {
		return "", fmt.Errorf("write it for signing: %w", err)
	}
	return string(raw), whole(r)
}

func vertex(r *catalog.Provider, secret string) error {
	var k struct {
		Type    string `json:"type"`
		Project string `json:"project_id"`
		Region  string `json:"region"`
	}
	if err := json.Unmarshal([]byte(secret), &k); err != nil || k.Type != "service_account" || !name.MatchString(k.Project) {
		return errors.New("it must be the key file of a service account, with project_id")
	}
	if k.Region == "" {
		k.Region = "global"
	}
	if !name.MatchString(k.Region) {
		return errors.New("region must be the name of a location of Google Cloud")
	}
	if theirs(r, "googleapis.com") || strings.Contains(r.BaseURL, "-aiplatform.googleapis.com") {
		r.BaseURL = "https://" + k.Region + "-aiplatform.googleapis.com/v1beta1/projects/" + k.Project + "/locations/" + k.Region
	}
	return whole(r)
}

// whole refuses a row whose host still depends on what nobody has said.
func whole(r *catalog.Provider) error {
	if holes := r.Holes(); len(holes) > 0 {
		return fmt.Errorf("it does not say %s; give the provider's key as the object that has it", strings.Join(holes, ", "))
	}
	return nil
}

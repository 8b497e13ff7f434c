package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/broadcast"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
)

// drawer keeps configurations by the version of their destination, which stands for a seal.
type drawer struct{ fails error }

func (*drawer) Seal(_ context.Context, d *account.Destination, c telemetry.Config) (err error) {
	d.Version++
	if d.Shown, err = json.Marshal(telemetry.KindOf(d.Kind).Shown(c)); err != nil {
		return err
	}
	d.Sealed, err = json.Marshal(c)
	illegible(d.Sealed)
	return err
}

// illegible changes what is sealed to what cannot be read, and back.
func illegible(b []byte) {
	for i := range b {
		b[i] ^= 0x5a
	}
}

func (*drawer) Open(_ context.Context, d *account.Destination) (c telemetry.Config, err error) {
	plain := bytes.Clone(d.Sealed)
	illegible(plain)
	return c, json.Unmarshal(plain, &c)
}

func (w *drawer) Try(context.Context, *account.Destination) error { return w.fails }

func (*drawer) Last(string) (broadcast.Delivery, bool) {
	return broadcast.Delivery{At: noon, Error: "it answered 401", Sent: 7, Dropped: 2}, true
}

const destinationPath = "/observability/destinations/" + destination

func TestDestinationsShowNoSecret(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, target := range []string{"/observability/destinations", destinationPath} {
		if got := h.ok("GET", target, ""); strings.Contains(got.raw, "canary") || !strings.Contains(got.raw, `"secretKey":"***"`) || !strings.Contains(got.raw, `"publicKey":"pk-1"`) {
			t.Error(got.raw)
		}
	}
	h.ok("PATCH", destinationPath, `{"config":{"secretKey":"sk-canary-2"},"name":"more"}`)
	h.ok("POST", "/observability/destinations", `{"type":"webhook","name":"n","config":{"url":"https://hooks.test/x?token=canary","headers":{"Authorization":"Bearer canary"}}}`)
	for _, target := range []string{"/observability/destinations", "/audit"} {
		if got := h.ok("GET", target, ""); strings.Contains(got.raw, "canary") {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
}

func (h *house) sealed() telemetry.Config {
	h.t.Helper()
	d, ok := h.Directory.Destination("default", destination)
	if !ok {
		h.t.Fatal("no destination")
	}
	c, err := h.Destinations.Open(h.t.Context(), d)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestDestinationsAreReconfigured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ok("PATCH", destinationPath, `{"config":{"publicKey":"pk-2","secretKey":"***","headers":{"X-Own":"***","X-More":"1"}}}`)
	if c := h.sealed(); c.Values["publicKey"] != "pk-2" || c.Values["secretKey"] != "sk-canary-1" || c.Headers["X-Own"] != "canary-header" || c.Headers["X-More"] != "1" {
		t.Errorf("%+v", c)
	}
	// Who may change a destination must not get at what was sealed for another host.
	h.refused(400, "config.secretKey must be given", "PATCH", destinationPath, `{"config":{"publicKey":"pk-2","baseUrl":"https://elsewhere.test"}}`)
	if c := h.sealed(); c.Values["baseUrl"] != "" {
		t.Errorf("%+v", c)
	}
	h.ok("PATCH", destinationPath, `{"config":{"publicKey":"pk-2","secretKey":"mine","baseUrl":"https://elsewhere.test"}}`)
	if c := h.sealed(); len(c.Headers) != 0 || c.Values["secretKey"] != "mine" {
		t.Errorf("%+v", c)
	}
}

func TestDestinationsNameTheirKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hash := string(account.HashKey(inferenceKey))
	got := h.ok("PATCH", destinationPath, `{"api_key_hashes":["`+hash+`"]}`)
	if got.at("data", "api_key_hashes", 0) != hash || got.at("data", "api_key_names", 0) != "inference" {
		t.Error(got.raw)
	}
	h.ok("DELETE", "/keys/"+hash, "")
	if got := h.ok("GET", destinationPath, ""); got.at("data", "api_key_hashes", 0) != hash || got.at("data", "api_key_names", 0) != nil {
		t.Error(got.raw)
	}
	if got := h.ok("PATCH", destinationPath, `{"api_key_hashes":null}`); got.at("data", "api_key_names") != nil {
		t.Error(got.raw)
	}
}

func TestDestinationsRefuse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	create := func(members string) string {
		return `{"type":"webhook","name":"n","config":{"url":"https://hooks.test/"}` + members + `}`
	}
	for body, says := range map[string]string{
		`{"name":"n","config":{}}`:                                                                          "type must be given",
		`{"type":"pigeon","name":"n","config":{}}`:                                                          "type must be one of webhook",
		`{"type":"webhook","name":"n","config":{}}`:                                                         "config.url must be given",
		`{"type":"webhook","name":"n","config":{"url":"ftp://x"}}`:                                          "http or https URL",
		`{"type":"webhook","name":"n","config":{"url":"https://u:p@x.test/"}}`:                              "without a user name",
		`{"type":"webhook","name":"n","config":{"url":"https://x.test/","method":"GET"}}`:                   "config.method must be POST or PUT",
		`{"type":"webhook","name":"n","config":{"url":"https://x.test/","headers":{"Host":"a"}}}`:           "a header that HTTP does not allow",
		`{"type":"webhook","name":"n","config":{"url":"https://x.test/","headers":{"X":"a\r\nY: b"}}}`:      "a header that HTTP does not allow",
		`{"type":"webhook","name":"n","config":{"url":["https://x.test/"]}}`:                                "config.url must be a string",
		create(`,"sampling_rate":0`):                                                                        "sampling_rate must be",
		create(`,"api_key_hashes":["x"]`):                                                                   "api_key_hashes must be",
		create(`,"workspace_id":"nowhere"`):                                                                 "workspace_id must be",
		create(`,"filter_rules":{"groups":[{"rules":[{"field":"mood","operator":"equals"}]}]}`):             "rules[0].field",
		create(`,"filter_rules":{"groups":[{"rules":[{"field":"model","operator":"regex","value":"("}]}]}`): "regular expression",
		create(`,"filter_rules":{"groups":[{"logic":"xor","rules":[]}]}`):                                   "the logic and, or or",
	} {
		h.refused(400, says, "POST", "/observability/destinations", body)
	}
	h.refused(501, "not built", "POST", "/observability/destinations", `{"type":"ramp","name":"n","config":{}}`)
	for range 5 {
		h.call(managementKey, "POST", "/observability/destinations", create(""))
	}
	h.refused(409, "5 destinations of the type webhook", "POST", "/observability/destinations", create(""))
}

func TestDestinationsKeepTheirSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.ok("PATCH", destinationPath, `{"privacy_mode":true,"broadcast_generation_cost":true,"sampling_rate":0.5,"enabled":false,
		"filter_rules":{"groups":[{"logic":"or","rules":[{"field":"total_cost","operator":"gt","value":0.5},{"field":"model","operator":"contains","value":"\"é"}]}]}}`)
	for member, want := range map[string]any{"privacy_mode": true, "broadcast_generation_cost": true, "broadcast_generation_identity": false, "sampling_rate": json.Number("0.5"), "enabled": false} {
		if v := got.at("data", member); v != want {
			t.Errorf("%s is %v", member, v)
		}
	}
	rule := func(i int, member string) any { return got.at("data", "filter_rules", "groups", 0, "rules", i, member) }
	if rule(0, "value") != "0.5" || rule(1, "value") != `"é` || got.at("data", "last_error", "message") != "it answered 401" {
		t.Error(got.raw)
	}
	h.Destinations.(*drawer).fails = errors.New("it answered 403")
	if got := h.ok("POST", destinationPath+"/test", ""); got.at("data", "ok") != false || got.at("data", "error") != "it answered 403" {
		t.Error(got.raw)
	}
	h.ok("PATCH", destinationPath, `{"filter_rules":null,"enabled":true}`)
	if got := h.ok("GET", destinationPath, ""); got.at("data", "filter_rules") != nil || got.at("data", "enabled") != true {
		t.Error(got.raw)
	}
}

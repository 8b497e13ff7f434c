package manage

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/private"
)

func TestPrivateProviders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/private-providers", `{"slug":"vllm","base_url":"http://10.1.2.3:8000/v1","api_key":"sk-secret-12345678","data_policy":{"trains":false,"retains":false}}`)
	if got.status != 201 || got.at("data", "auth") != "bearer" || got.at("data", "protocol") != "openai.chat" || got.at("data", "api_key_label") != "sk-...5678" {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	id := got.at("data", "id").(string)
	if h.Catalog().Provider("vllm") == nil {
		t.Error("not in the catalogue")
	}
	p, _ := h.Directory.PrivateProvider(id)
	if opened, err := h.Credentials.Vault.Open(t.Context(), p.Sealed, p.Place()); err != nil || opened.Text() != canary.Hidden("sk-secret-12345678") {
		t.Errorf("sealed badly: %v", err)
	}
	for body, says := range map[string]string{
		`{"base_url":"http://10.6.6.6/v1"}`:          "given again with another host",
		`{"auth":"none"}`:                            "where there is an api_key",
		`{"auth":"aws"}`:                             "none, bearer",
		`{"auth":"header:a b"}`:                      "none, bearer",
		`{"protocol":"soap"}`:                        "one of openai.chat",
		`{"base_url":"http://u:p@10.1.2.3:8000/v1"}`: "without a user name",
		`{"base_url":"file:///etc/passwd"}`:          "http or https",
		`{"api_key":"two words"}`:                    "without spaces",
		`{"data_policy":{"trains":"no"}}`:            "data_policy",
	} {
		if got := h.call(managementKey, "PATCH", "/private-providers/"+id, body); got.status != 400 || !strings.Contains(got.message(), says) {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	got = h.call(managementKey, "PATCH", "/private-providers/"+id, `{"base_url":"http://10.6.6.6/v1","api_key":null,"disabled":true}`)
	if got.status != 200 || got.at("data", "api_key_label") != nil || got.at("data", "disabled") != true {
		t.Errorf("%d %s", got.status, got.raw)
	}
	log := h.call(managementKey, "GET", "/audit?limit=5", "")
	if strings.Contains(log.raw, "secret") || !strings.Contains(log.raw, "private_provider.create") {
		t.Errorf("audit log: %s", log.raw)
	}
}

func TestPrivateProvidersSlugIsTheirs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, status := range map[string]int{
		`{"slug":"openai","base_url":"http://x/v1"}`: 409, // of the catalogue
		`{"slug":"mine","base_url":"http://x/v1"}`:   409, // private, not yet in the catalogue here
		`{"slug":"A b","base_url":"http://x/v1"}`:    400,
		`{"slug":"new"}`:             400,
		`{"base_url":"http://x/v1"}`: 400,
	} {
		if got := h.call(managementKey, "POST", "/private-providers", body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

func TestPrivateProviderWithEndpointsStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.call(managementKey, "PATCH", "/private-providers/"+mine, `{"name":"Mine"}`) // puts it into the catalogue
	made := h.call(managementKey, "POST", "/private-endpoints", `{"model_permaslug":"me/x","provider_slug":"mine","upstream_model_id":"x","free":true}`)
	if made.status != 201 || made.at("data", "base_url") != "http://10.0.0.1/v1" {
		t.Fatalf("%d %s", made.status, made.raw)
	}
	if got := h.call(managementKey, "DELETE", "/private-providers/"+mine, ""); got.status != 409 || !strings.Contains(got.message(), "1 private endpoints") {
		t.Errorf("%d %s", got.status, got.raw)
	}
	h.call(managementKey, "DELETE", "/private-endpoints/"+made.at("data", "id").(string), "")
	if got := h.call(managementKey, "DELETE", "/private-providers/"+mine, ""); got.status != 200 || h.Catalog().Provider("mine") != nil {
		t.Errorf("%d %s", got.status, got.raw)
	}
}

func TestPrivateEndpoints(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/private-endpoints", `{"model_permaslug":"me/tiny","provider_slug":"acme","upstream_model_id":"tiny-v2","status":"active",
		"pricing":{"prompt":"0.0000001","completion":0.0000002,"input_cache_read":"0.00000001"},"declared_zdr":true,"declared_region":"eu","context_length":8000,"model_name":"Tiny"}`)
	if got.status != 201 || got.at("data", "endpoint_id") != "acme/me/tiny" || got.at("data", "pricing", "completion") != "0.0000002" || got.at("data", "usable") != true {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	at := "/private-endpoints/" + got.at("data", "id").(string)
	e := h.Catalog().Endpoint("acme/me/tiny")
	if e == nil || e.UpstreamModel != "tiny-v2" || !e.Data.ZDR() || e.Region != "eu" || e.ContextLength != 8000 || e.Pricing.CacheRead.String() != "0.00000001" {
		t.Fatalf("%+v", e)
	}
	if listed := h.call(inferenceKey, "GET", "/models?q=tiny", ""); listed.ids() != "me/tiny" {
		t.Errorf("models: %s", listed.raw)
	}
	for body, says := range map[string]string{
		`{"pricing":null}`: "pricing must be given",
		`{"free":true}`:    "",
		`{"pricing":{"prompt":"0","completion":"0"}}`:             "free: true",
		`{"pricing":{"prompt":"1"}}`:                              "prompt and completion",
		`{"pricing":{"prompt":"1","completion":"-1"}}`:            "pricing.completion",
		`{"pricing":{"prompt":"1","completion":"1","lunch":"1"}}`: "pricing.lunch",
		`{"pricing":{"prompt":"1","completion":"1"},"free":true}`: "free must be false",
		`{"status":"on"}`:      "draft, active or disabled",
		`{"context_length":0}`: "1 or more",
	} {
		got := h.call(managementKey, "PATCH", at, body)
		if says == "" && (got.status != 200 || got.at("data", "pricing", "prompt") != "0" || got.at("data", "free") != true) {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
		if says != "" && (got.status != 400 || !strings.Contains(got.message(), says)) {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
		h.call(managementKey, "PATCH", at, `{"free":false,"pricing":{"prompt":"0.1","completion":"0.1"}}`)
	}
	if got := h.call(managementKey, "PATCH", at, `{"status":"disabled"}`); got.status != 200 || h.Catalog().Endpoint("acme/me/tiny") != nil || got.at("data", "usable") != false {
		t.Errorf("%d %s", got.status, got.raw)
	}
	if list := h.call(managementKey, "GET", "/private-endpoints?status=disabled&provider_slug=acme", ""); list.at("total_count") != json.Number("1") {
		t.Error(list.raw)
	}
}

func TestPrivateEndpointsHaveAPlaceOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, status := range map[string]int{
		`{"model_permaslug":"openai/gpt-5","provider_slug":"acme","upstream_model_id":"x","free":true}`:                           409,
		`{"model_permaslug":"openai/gpt-5","provider_slug":"acme","upstream_model_id":"x","free":true,"tag":"acme/tuned"}`:        201,
		`{"model_permaslug":"openai/gpt-5","provider_slug":"openai","upstream_model_id":"x","free":true,"tag":"openai/mine"}`:     409, // a draft has it
		`{"model_permaslug":"openai/gpt-5","provider_slug":"acme","upstream_model_id":"x","free":true,"tag":"openai/tuned"}`:      400,
		`{"model_permaslug":"me/a","provider_slug":"nobody","upstream_model_id":"x","free":true}`:                                 400,
		`{"model_permaslug":"me/b","provider_slug":"acme","upstream_model_id":"x","free":true,"base_url":"http://x/v1"}`:          400,
		`{"model_permaslug":"me/c","provider_slug":"acme","upstream_model_id":"x","free":true,"base_url":"https://acme.test/v1"}`: 201,
		`{"model_permaslug":"Me/d","provider_slug":"acme","upstream_model_id":"x","free":true}`:                                   400,
		`{"model_permaslug":"d","provider_slug":"acme","upstream_model_id":"x","free":true}`:                                      400,
		`{"model_permaslug":"me/e","provider_slug":"acme","upstream_model_id":"x","status":"active"}`:                             400,
		`{"model_permaslug":"me/f","provider_slug":"acme","upstream_model_id":"x"}`:                                               201, // a draft may wait for its price
	} {
		if got := h.call(managementKey, "POST", "/private-endpoints", body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

func TestValidateAndActivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := "/private-endpoints/" + myModel
	if got := h.call(managementKey, "POST", at+"/validate", ""); got.at("data", "ok") != false || got.at("data", "status") != json.Number("401") || got.at("data", "error", "message") != "no" {
		t.Error(got.raw)
	}
	h.Trial = func(context.Context, private.Set, string) (private.Trial, error) {
		return private.Trial{Status: 200, TookMS: 7, Answer: []byte(`{"id":"gen-1","object":"chat.completion","created":1,"model":"openai/gpt-5","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`)}, nil
	}
	if got := h.call(managementKey, "POST", at+"/validate", ""); got.at("data", "ok") != true || got.at("data", "answer", "choices", 0, "message", "content") != "Hello" {
		t.Error(got.raw)
	}
	if e := h.Catalog().Endpoint("openai/mine/openai/gpt-5"); e != nil {
		t.Error("a draft is in the catalogue")
	}
	if got := h.call(managementKey, "POST", at+"/activate", ""); got.at("data", "status") != "active" || got.at("data", "usable") != true || h.Catalog().Endpoint("openai/mine/openai/gpt-5") == nil {
		t.Error(got.raw)
	}
}

// What cannot be kept is not in force.
func TestPrivateEndpointThatIsNotStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.store.fails = errBroken
	if got := h.call(managementKey, "POST", "/private-endpoints/"+myModel+"/activate", ""); got.status != 503 {
		t.Error(got.raw)
	}
	if e, _ := h.Directory.PrivateEndpoint(myModel); e.Status != private.Draft || h.Catalog().Endpoint("openai/mine/openai/gpt-5") != nil {
		t.Error("in force all the same")
	}
}

package manage

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

func TestModelsAreThoseThatCanBeUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for query, want := range map[string]string{
		"":                                      "acme/large openai/gpt-5",
		"?output_modalities=all":                "acme/large acme/painter openai/gpt-5",
		"?output_modalities=image":              "acme/painter",
		"?output_modalities=image,text":         "acme/large acme/painter openai/gpt-5",
		"?all=true":                             "acme/large nokey/tiny nokey/unpriced openai/gpt-5",
		"?q=GPT+openai":                         "openai/gpt-5",
		"?q=painter":                            "",
		"?supported_parameters=tools":           "acme/large openai/gpt-5",
		"?supported_parameters=tools,reasoning": "openai/gpt-5",
		"?input_modalities=text,image":          "openai/gpt-5",
		"?context=32001":                        "openai/gpt-5",
		"?context=32000":                        "acme/large openai/gpt-5",
		"?min_price=0.51":                       "openai/gpt-5",
		"?max_price=1.25":                       "acme/large openai/gpt-5",
		"?max_price=1.2":                        "acme/large",
		"?min_output_price=0.8":                 "openai/gpt-5",
		"?max_output_price=0.7":                 "acme/large",
		"?max_output_price=0.7&all=true":        "acme/large nokey/tiny",
		"?min_age_days=30":                      "openai/gpt-5",
		"?max_age_days=29":                      "acme/large",
		"?arch=llama":                           "acme/large",
		"?model_authors=acme,Other":             "acme/large",
		"?providers=OpenAI":                     "openai/gpt-5",
		"?providers=acme+ai,openai":             "acme/large openai/gpt-5",
		"?providers=nokey":                      "",
		"?providers=nokey&all=true":             "nokey/tiny nokey/unpriced openai/gpt-5",
		"?zdr=true":                             "acme/large openai/gpt-5",
		"?region=eu":                            "openai/gpt-5",
		"?region=us":                            "",
		"?distillable=false":                    "acme/large openai/gpt-5",
		"?distillable=true":                     "",
		"?category=programming":                 "",
		"?min_coding_index=1":                   "",
		"?max_tool_success_rate=1":              "",
		"?min_price=null&category=":             "acme/large openai/gpt-5",
		"?sort=newest":                          "acme/large openai/gpt-5",
		"?sort=pricing-high-to-low":             "openai/gpt-5 acme/large",
		"?sort=context-high-to-low":             "openai/gpt-5 acme/large",
		"?sort=most-popular":                    "acme/large openai/gpt-5",
		"?sort=newest&output_modalities=all":    "acme/large openai/gpt-5 acme/painter",
		"?sort=pricing-low-to-high&all=true":    "nokey/tiny acme/large openai/gpt-5 nokey/unpriced",
	} {
		got := h.call("", "GET", "/models"+query, "")
		if got.status != 200 || got.ids() != want {
			t.Errorf("%s: %d %q, want %q", query, got.status, got.ids(), want)
		}
		count := h.call("", "GET", "/models/count"+query, "")
		if len(strings.Fields(want)) != number(t, count.at("data", "count")) {
			t.Errorf("%s: count %s, want %q", query, count.raw, want)
		}
	}
}

// Models that embed and those that make images have lists of their own.
func TestModelsByWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.call("", "GET", "/embeddings/models", ""); got.status != 200 || got.ids() != "" || got.at("object") != "list" || number(t, got.at("total_count")) != 0 {
		t.Error(got.raw)
	}
	if got := h.call("", "GET", "/embeddings/models?limit=0", ""); got.status != 400 {
		t.Error(got.raw)
	}
	list := h.call("", "GET", "/images/models", "")
	if list.ids() != "acme/painter" || list.at("data", 0, "architecture", "output_modalities", 0) != "image" || list.at("data", 0, "supports_streaming") != false {
		t.Error(list.raw)
	}
	got := h.call("", "GET", strings.TrimPrefix(list.at("data", 0, "endpoints").(string), "/api/v1"), "")
	if got.at("id") != "acme/painter" || got.at("endpoints", 0, "provider_tag") != "acme" || got.at("endpoints", 0, "provider_name") != "Acme AI" ||
		!strings.Contains(got.raw, `"pricing":[{"billable":"output_image","unit":"image","cost_usd":0.04},{"billable":"output_image","unit":"token","cost_usd":0.00003},{"billable":"input_image","unit":"token","cost_usd":0.000003},{"billable":"input_text","unit":"token","cost_usd":0.000003}]`) {
		t.Error(got.raw)
	}
	for _, model := range []string{"openai/gpt-5", "acme/nothing"} {
		if got := h.call("", "GET", "/images/models/"+model+"/endpoints", ""); got.status != 404 {
			t.Errorf("%s: %s", model, got.raw)
		}
	}
}

func TestModelsRefuseWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, query := range []string{
		"limit=0", "limit=1001", "limit=x", "offset=-1", "context=0", "min_price=-1", "max_price=cheap", "category=cooking",
		"sort=best", "zdr=maybe", "region=mars", "distillable=perhaps", "min_age_days=-1", "all=some", "use_rss=perhaps",
	} {
		name, _, _ := strings.Cut(query, "=")
		got := h.call("", "GET", "/models?"+query, "")
		if got.status != 400 || got.at("error", "param") != name || !strings.Contains(got.message(), name) {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
	}
}

func TestModelHasEveryMember(t *testing.T) {
	t.Parallel()
	got := newHouse(t).call("", "GET", "/model/openai/gpt-5", "")
	for path, want := range map[string]any{
		"id": "openai/gpt-5", "object": "model", "owned_by": "openai", "canonical_slug": "openai/gpt-5", "per_request_limits": nil, "supported_voices": nil,
		"knowledge_cutoff": "2024-09-30", "hugging_face_id": nil,
		"pricing.prompt": "0.00000125", "pricing.completion": "0.00001", "pricing.input_cache_read": "0.0000001",
		"architecture.modality": "text+image->text", "architecture.tokenizer": "GPT",
		"links.details": "/api/v1/models/openai/gpt-5/endpoints", "needs": nil,
	} {
		steps := []any{"data"}
		for s := range strings.SplitSeq(path, ".") {
			steps = append(steps, s)
		}
		if v := got.at(steps...); v != want {
			t.Errorf("%s is %v, want %v", path, v, want)
		}
	}
	// The tier leaves the cache rate to its prompt price; a reader would keep the base's.
	if v := got.at("data", "pricing", "overrides", 0, "input_cache_read"); v != "0.0000025" {
		t.Errorf("cache price of the tier is %v", v)
	}
	if v := got.at("data", "default_parameters").(map[string]any); len(v) != 1 {
		t.Errorf("default parameters %v", v)
	}
	// The other provider of the model can do without reasoning.
	if got.at("data", "reasoning", "mandatory") != false || got.at("data", "reasoning", "supported_efforts", 0) != "high" {
		t.Errorf("reasoning %v", got.at("data", "reasoning"))
	}
}

func TestModelNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	alias := h.call("", "GET", "/model/~openai/gpt-latest", "")
	if alias.at("data", "id") != "~openai/gpt-latest" || alias.at("data", "alias_target", "slug") != "openai/gpt-5" {
		t.Error(alias.raw)
	}
	if got := h.call("", "GET", "/model/openai/gpt-5:nitro", ""); got.at("data", "id") != "openai/gpt-5" {
		t.Error(got.raw)
	}
	for _, path := range []string{"/model/openai/gpt-6", "/model/openai/gpt-5:free", "/models/openai%2Fgpt-6", "/models/openai/gpt-6", "/models/openai/gpt-6/endpoints"} {
		got := h.call("", "GET", path, "")
		if got.status != 404 || got.at("error", "metadata", "error_type") != "not_found" || !strings.Contains(got.message(), "openai/gpt-5") {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
}

func TestModelsSayWhatTheyNeed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call("", "GET", "/model/nokey/tiny", "")
	if got.at("data", "needs", 0) != "NOKEY_API_KEY" || got.at("data", "pricing", "prompt") != "0.00000005" {
		t.Error(got.raw)
	}
	if got := h.call("", "GET", "/model/nokey/unpriced", ""); got.at("data", "pricing", "prompt") != "-1" {
		t.Error(got.raw)
	}
	h.Policy = func(k *account.Key) policy.Effective {
		if k == nil {
			return policy.Effective{}
		}
		return policy.Merge(policy.Layer{Name: "key", Providers: []string{"openai"}})
	}
	if got := h.call(inferenceKey, "GET", "/models/user", ""); got.ids() != "openai/gpt-5" {
		t.Errorf("the key's policy does not hold: %s", got.ids())
	}
	if got := h.call("", "GET", "/models", ""); got.ids() != "acme/large openai/gpt-5" {
		t.Errorf("without a key: %s", got.ids())
	}
	if got := h.call(inferenceKey, "GET", "/model/acme/large", ""); got.at("data", "excluded_by", 0) != "allowed_providers" {
		t.Error(got.raw)
	}
	if got := h.call(inferenceKey, "GET", "/models/openai/gpt-5/endpoints", ""); tags(got) != "openai openai/priority" {
		t.Errorf("endpoints %s", tags(got))
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	target, seen := "/models?all=true&output_modalities=all&limit=2", []string{}
	for range 10 {
		got := h.call("", "GET", target, "")
		if number(t, got.at("total_count")) != 5 {
			t.Fatalf("total %v", got.at("total_count"))
		}
		seen = append(seen, strings.Fields(got.ids())...)
		next, more := got.at("links", "next").(string)
		if !more {
			break
		}
		target = next
	}
	if strings.Join(seen, " ") != "acme/large acme/painter nokey/tiny nokey/unpriced openai/gpt-5" {
		t.Errorf("pages gave %v", seen)
	}
	for query, want := range map[string]string{"?offset=1": "openai/gpt-5", "?offset=9": "", "?offset=0&limit=1000": "acme/large openai/gpt-5"} {
		if got := h.call("", "GET", "/models"+query, ""); got.ids() != want || got.at("links", "next") != nil {
			t.Errorf("%s: %q, next %v", query, got.ids(), got.at("links", "next"))
		}
	}
}

func TestEndpointsShowHealth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := "acme/openai/gpt-5"
	for range 40 {
		h.Health.Observe(health.Outcome{Endpoint: id, At: noon.Add(-time.Minute), OK: true, TTFT: 250 * time.Millisecond, Duration: 2 * time.Second, OutputTokens: 100})
	}
	got := h.call(inferenceKey, "GET", "/models/openai/gpt-5/endpoints", "")
	if tags(got) != "acme openai openai/priority" {
		t.Fatalf("endpoints %s", tags(got))
	}
	first := got.at("data", "endpoints", 0).(map[string]any)
	if v := number(t, got.at("data", "endpoints", 0, "latency_last_30m", "p50")); v < 200 || v > 300 {
		t.Errorf("latency %v, want about 250 ms", v)
	}
	if v := number(t, got.at("data", "endpoints", 0, "throughput_last_30m", "p50")); v < 40 || v > 60 {
		t.Errorf("throughput %v, want about 50", v)
	}
	if number(t, first["uptime_last_30m"]) != 100 || number(t, first["status"]) != 0 || first["quantization"] != "fp8" || first["name"] != "Acme AI: OpenAI: GPT-5" {
		t.Errorf("%v", first)
	}
	if got := h.call("", "GET", "/models/openai/gpt-5/endpoints", ""); got.at("data", "endpoints", 0, "latency_last_30m") != nil {
		t.Error("latency is shown without a key")
	}
	if got := h.call("", "GET", "/models/openai/gpt-5/endpoints?all=true", ""); tags(got) != "acme nokey openai openai/priority" || got.at("data", "endpoints", 1, "needs") != "NOKEY_API_KEY" {
		t.Errorf("all: %s", got.raw)
	}
	if got := h.call("", "GET", "/models?sort=latency-low-to-high", ""); got.ids() != "openai/gpt-5 acme/large" {
		t.Errorf("by latency: %s", got.ids())
	}
	if got := h.call("", "GET", "/models?sort=throughput-high-to-low", ""); got.ids() != "openai/gpt-5 acme/large" {
		t.Errorf("by throughput: %s", got.ids())
	}
}

func TestStatusIsWorseTheLower(t *testing.T) {
	t.Parallel()
	for want, e := range map[int]*health.Endpoint{
		0:  {},
		-1: {BackOff: true},
		-2: {Breaker: health.Probing, BackOff: true},
		-3: {Outage: true, Breaker: health.Probing},
		-5: {Breaker: health.Open, Outage: true},
	} {
		if got := status(e); got != want {
			t.Errorf("%+v is %d, want %d", e, got, want)
		}
	}
}

func TestProvidersAndZDR(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call("", "GET", "/providers", "")
	if got.at("data", 0, "slug") != "acme" || got.at("data", 1, "slug") != "openai" || got.at("data", 2) != nil || got.at("data", 1, "headquarters") != "US" || got.at("data", 0, "datacenters", 0) != "DE" {
		t.Error(got.raw)
	}
	if got := h.call("", "GET", "/providers?all=true", ""); got.at("data", 1, "needs", 0) != "NOKEY_API_KEY" {
		t.Error(got.raw)
	}
	for member, want := range map[string]any{"models": json.Number("3"), "endpoints": json.Number("3")} {
		if v := got.at("data", 0, member); v != want {
			t.Errorf("%s of a provider is %v, want %v", member, v, want)
		}
	}
	if v := got.at("data", 0, "data_policy", "trains"); v != "no" {
		t.Errorf("whether a provider trains is %v", v)
	}
	zdr := h.call("", "GET", "/endpoints/zdr", "")
	list := zdr.at("data").([]any)
	for _, e := range list {
		if e.(map[string]any)["provider_name"] != "Acme AI" {
			t.Errorf("%v", e)
		}
	}
	if len(list) != 3 {
		t.Errorf("%d endpoints", len(list))
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call("", "GET", "/models?use_rss=true&use_rss_chat_links=true&sort=newest", "")
	var f rss
	if err := xml.Unmarshal([]byte(got.raw), &f); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.header.Get("Content-Type"), "application/rss+xml") || len(f.Channel.Items) != 2 {
		t.Fatalf("%v %+v", got.header, f)
	}
	if i := f.Channel.Items[0]; i.Link != "http://example.com/api/v1/model/acme/large" || i.Published != "Sun, 01 Mar 2026 12:00:00 +0000" || i.GUID.Text != "acme/large" {
		t.Errorf("%+v", i)
	}
}

// The catalogue that ships must fit the description too, whatever is in it.
func TestEmbeddedCatalogueFits(t *testing.T) {
	t.Parallel()
	base, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	all := catalog.Overlay{Origin: "test"}
	for _, p := range base.Providers {
		all.Credentials = append(all.Credentials, p.Slug)
	}
	snap, err := catalog.Build(base, all)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	h.Catalog = func() *catalog.Snapshot { return snap }
	if got := h.call("", "GET", "/models?all=true&output_modalities=all", ""); number(t, got.at("total_count")) != len(snap.Models()) {
		t.Errorf("%v models, want %d", got.at("total_count"), len(snap.Models()))
	}
	h.call("", "GET", "/endpoints/zdr", "")
	h.call("", "GET", "/providers?all=true", "")
	for _, m := range snap.Models() {
		if got := h.call(inferenceKey, "GET", "/models/"+m.Slug+"/endpoints?all=true", ""); got.status != 200 || len(got.at("data", "endpoints").([]any)) != len(snap.Endpoints(m.Slug)) {
			t.Errorf("%s: %s", m.Slug, got.raw)
		}
	}
}

func BenchmarkListModels(b *testing.B) {
	base, err := catalog.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	all := catalog.Overlay{Origin: "test"}
	for _, p := range base.Providers {
		all.Credentials = append(all.Credentials, p.Slug)
	}
	snap, err := catalog.Build(base, all)
	if err != nil {
		b.Fatal(err)
	}
	v := viewer{snap: snap}
	for b.Loop() {
		for _, l := range v.models(false, nil) {
			l.row()
		}
	}
}

func tags(r reply) string {
	var out []string
	list, _ := r.at("data", "endpoints").([]any)
	for _, e := range list {
		out = append(out, e.(map[string]any)["tag"].(string))
	}
	return strings.Join(out, " ")
}

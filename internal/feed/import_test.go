package feed

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

var today = catalog.Source{Name: "test list", AsOf: "2099-01-02"}

const tree = `{
 "togetherai": {"id":"togetherai","models":{
   "a/one": {"id":"a/one","name":"One","cost":{"input":0.3,"output":1.1,"cache_read":0.07,"cache_write":0},"limit":{"context":1000,"output":100},"modalities":{"input":["text","pdf"],"output":["text"]}},
   "a/tiered": {"cost":{"input":2,"output":10,"tiers":[{"tier":{"type":"context","size":272000},"input":4,"output":15}],"context_over_200k":{"input":9,"output":9}}},
   "a/old-tier": {"cost":{"input":2,"output":10,"context_over_200k":{"input":3,"output":15}}},
   "a/zero": {"cost":{"input":0,"output":0}},
   "a/none": {},
   "a/fine": {"cost":{"input":0.0000000001,"output":1}},
   "a/image": {"cost":{"input":1,"output":30},"modalities":{"output":["text","image"]}},
   "a/odd-tier": {"cost":{"input":1,"output":1,"tiers":[{"tier":{"type":"moon"},"input":2,"output":2}]}}}},
 "anthropic": {"models":{"claude-x":{"cost":{"input":3,"output":15}}}}}`

const list = `{"data":[
 {"id":"a/one","name":"A: One","context_length":1000,"top_provider":{"max_completion_tokens":50},"architecture":{"output_modalities":["text"]},
  "pricing":{"prompt":"0.0000003","completion":"0.0000011","input_cache_read":"0","input_cache_write":"0.00000008","web_search":"0.01","request":"0",
   "overrides":[{"min_prompt_tokens":200000,"prompt":"0.0000006"}]}},
 {"id":"a/free:free","pricing":{"prompt":"0","completion":"0"}},
 {"id":"a/zero","pricing":{"prompt":"0","completion":"0"}},
 {"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}},
 {"id":"a/night","pricing":{"prompt":"0.000001","completion":"0.000001","overrides":[{"utc_start":"0100","utc_end":"0500","prompt":"0.0000001"}]}},
 {"id":"anthropic/claude-x","pricing":{"prompt":"0.000003","completion":"0.000015"}}]}`

// offers imports a list by upstream name.
func offers(t *testing.T, text string) map[string]Offer {
	t.Helper()
	all, err := Import(strings.NewReader(text), today)
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]Offer)
	for _, o := range all {
		if o.Source != today {
			t.Errorf("%s: source %+v", o.UpstreamModel, o.Source)
		}
		m[o.UpstreamModel] = o
	}
	return m
}

func TestImportDividesExactly(t *testing.T) {
	t.Parallel()
	o := offers(t, tree)
	one := o["a/one"]
	if one.Provider != "together" || one.ContextLength != 1000 || one.MaxOutput != 100 || strings.Join(one.Input, " ") != "text file" {
		t.Errorf("offer %+v", one)
	}
	if p := one.Pricing; p.Prompt.String() != "0.0000003" || p.Completion.String() != "0.0000011" || p.CacheRead.String() != "0.00000007" || p.CacheWrite != nil {
		t.Errorf("price %+v", p)
	}
	for name, want := range map[string]string{"a/tiered": "272000 0.000004 0.000015", "a/old-tier": "200000 0.000003 0.000015"} {
		p := o[name].Pricing
		if len(p.Tiers) != 1 || tierText(p.Tiers[0]) != want {
			t.Errorf("%s: tiers %+v, want %s", name, p.Tiers, want)
		}
	}
	if p := o["claude-x"].Pricing; p.CacheRead.String() != "0.0000003" || p.CacheWrite.String() != "0.00000375" || p.CacheWrite1h.String() != "0.000006" {
		t.Errorf("cache rules of Anthropic: %+v", p)
	}
}

func tierText(t catalog.Tier) string {
	return strings.Join([]string{itoa(t.AbovePrompt), t.Prompt.String(), t.Completion.String()}, " ")
}

func TestImportModelList(t *testing.T) {
	t.Parallel()
	o := offers(t, list)
	one := o["a/one"]
	p := one.Pricing
	if one.Provider != "openrouter" || one.Model != "a/one" || one.MaxOutput != 50 {
		t.Errorf("offer %+v", one)
	}
	if p.Prompt.String() != "0.0000003" || p.WebSearch.String() != "0.01" || p.Request != nil || p.CacheRead != nil || p.CacheWrite != nil {
		t.Errorf("price %+v", p)
	}
	if len(p.Tiers) != 1 || tierText(p.Tiers[0]) != "200000 0.0000006 0.0000011" {
		t.Errorf("tiers %+v", p.Tiers)
	}
	if f := o["a/free:free"].Pricing; f == nil || !f.Free {
		t.Errorf("free variant %+v", f)
	}
}

func TestImportLeavesOutWhatIsNoPrice(t *testing.T) {
	t.Parallel()
	fromTree, fromList := offers(t, tree), offers(t, list)
	for _, c := range []struct {
		o    Offer
		want string
	}{
		{fromTree["a/zero"], "trial"},
		{fromTree["a/none"], "no price"},
		{fromTree["a/fine"], "decimals"},
		{fromTree["a/image"], "image output"},
		{fromTree["a/odd-tier"], "not by context"},
		{fromList["a/zero"], "trial"},
		{fromList["openrouter/auto"], "dynamic"},
		{fromList["a/night"], "time of day"},
	} {
		if c.o.Pricing != nil || !strings.Contains(c.o.Unpriced, c.want) {
			t.Errorf("%s: price %+v, reason %q, want %q", c.o.UpstreamModel, c.o.Pricing, c.o.Unpriced, c.want)
		}
	}
}

func TestImportRefusesOtherTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "[]", "{}", `{"data":[]}`, `{"data":"x"}`, `{"error":{"message":"no"}}`, "<html>"} {
		if o, err := Import(strings.NewReader(text), today); err == nil {
			t.Errorf("%q gives %+v", text, o)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(tree)
	f.Add(list)
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Import(strings.NewReader(text), today)
		if err != nil {
			return
		}
		for _, o := range all {
			if (o.Pricing == nil) != (o.Unpriced != "") {
				t.Errorf("%+v", o)
			}
			if p := o.Pricing; p != nil && !p.Free && p.Prompt <= 0 {
				t.Errorf("a price that is none: %+v", p)
			}
		}
	})
}

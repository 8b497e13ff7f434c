package catalog

import (
	"strings"
	"testing"
)

const (
	oneProvider = `{"slug":"p","name":"P","kind":"inference","base_url":"https://p.example/v1","protocol":"openai.chat","auth":"bearer","env":["P_KEY"],"data":{"trains":false,"retains":true,"days":30}}` + "\n"
	oneModel    = `{"slug":"a/b","name":"B","input":"text image","output":"text","defaults":{"temperature":0.5}}` + "\n"
	oneEndpoint = `{"model":"a/b","provider":"p","upstream":"b-1","price":{"prompt":"0.000001","completion":"0.000002","cache_read":"0.0000001","tiers":[{"above":1000,"prompt":"0.000002","completion":"0.000004"}],"priority":{"prompt":"0.000003","completion":"0.000006"}}}` + "\n"
)

func TestRead(t *testing.T) {
	t.Parallel()
	d, err := Read(Files{Providers: oneProvider, Models: oneModel, Endpoints: oneEndpoint})
	if err != nil {
		t.Fatal(err)
	}
	e := d.Endpoints[0]
	if e.ID != "p/a/b" || e.Model != &d.Models[0] || e.Provider != &d.Providers[0] {
		t.Errorf("endpoint %+v", e)
	}
	if got := e.Pricing.For(1000).Prompt.String(); got != "0.000001" {
		t.Errorf("at the threshold: %s", got)
	}
	if got := e.Pricing.For(1001).Completion.String(); got != "0.000004" {
		t.Errorf("beyond the threshold: %s", got)
	}
	if e.Pricing.Priority.Prompt.String() != "0.000003" || e.Pricing.CacheRead.String() != "0.0000001" {
		t.Errorf("pricing %+v", e.Pricing)
	}
	if e.Data.Trains != No || e.Data.Retains != Yes || e.Data.RetentionDays != 30 || e.Data.Publishes != Unknown {
		t.Errorf("data policy %+v", e.Data)
	}
	if len(e.InputModalities) != 2 || d.Models[0].DefaultParameters["temperature"] != 0.5 {
		t.Errorf("model %+v", d.Models[0])
	}
}

func TestReadNamesTheFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    Files
		want string
	}{
		"not JSON":         {Files{Providers: "{\n"}, "providers line 1"},
		"unknown field":    {Files{Providers: `{"slugg":"x"}` + "\n"}, "providers line 1, slugg: unknown field"},
		"wrong kind":       {Files{Providers: oneProvider + `{"slug":7}` + "\n"}, "providers line 2, slug: want a string"},
		"negative":         {Files{Models: `{"slug":"a/b","context":-1}` + "\n"}, "models line 1, context"},
		"bad price":        {Files{Providers: oneProvider, Models: oneModel, Endpoints: strings.Replace(oneEndpoint, "0.000001", "-1", 1)}, "negative"},
		"unknown model":    {Files{Providers: oneProvider, Endpoints: oneEndpoint}, "endpoints line 1, model: no such model"},
		"unknown provider": {Files{Models: oneModel, Endpoints: oneEndpoint}, "endpoints line 1, provider: no such provider"},
		"twice":            {Files{Providers: oneProvider + oneProvider}, "same slug"},
		"no provider":      {Files{Models: oneModel, Endpoints: `{"model":"a/b"}` + "\n"}, "endpoints line 1: an endpoint needs"},
	} {
		if _, err := Read(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
}

package route_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// payment is the steps as provider or provider:credential.
func payment(p route.Plan) string {
	var out []string
	for _, s := range p.Steps {
		name := s.Endpoint.Provider.Slug
		if s.Own != "" {
			name += ":" + s.Own
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestWhoPays(t *testing.T) {
	t.Parallel()
	dead := func(e *catalog.Endpoint) { e.Live = false }
	own := func(id, provider string) route.Credential { return route.Credential{ID: id, Provider: provider} }
	fallback := func(id, provider string) route.Credential {
		return route.Credential{ID: id, Provider: provider, Fallback: true}
	}
	sole := func(id, provider string) route.Credential {
		return route.Credential{ID: id, Provider: provider, Sole: true}
	}
	for _, c := range []struct {
		name    string
		routing llm.Routing
		own     []route.Credential
		edit    func(es []*catalog.Endpoint)
		want    string
		dropped route.Reason // of some endpoint
	}{
		{"nobody's own", llm.Routing{}, nil, nil, "alpha beta gamma", ""},
		{"own goes first", llm.Routing{}, []route.Credential{own("1", "gamma"), own("2", "beta")}, nil, "beta:2 gamma:1 alpha beta gamma", ""},
		{"several of one provider in their order", llm.Routing{}, []route.Credential{own("2", "beta"), own("1", "beta")}, nil, "beta:2 beta:1 alpha beta gamma", ""},
		{"fallback goes last", llm.Routing{}, []route.Credential{fallback("1", "alpha"), own("2", "beta")}, nil, "beta:2 alpha beta gamma alpha:1", ""},
		{"always for its provider", llm.Routing{}, []route.Credential{sole("1", "alpha")}, nil, "alpha:1 beta gamma", ""},
		{"order of the request within each", llm.Routing{Order: []string{"gamma", "beta"}}, []route.Credential{own("1", "beta"), own("2", "gamma")}, nil, "gamma:2 beta:1 gamma beta alpha", ""},
		{"the order of endpoints wins", llm.Routing{Order: []string{"gamma", "beta"}, BYOK: "allow"}, []route.Credential{own("1", "beta"), fallback("2", "gamma")}, nil, "gamma gamma:2 beta:1 beta alpha", ""},
		{"required", llm.Routing{BYOK: "require"}, []route.Credential{own("1", "beta"), fallback("2", "alpha")}, nil, "beta:1 alpha:2", route.OwnOnly},
		{"never", llm.Routing{BYOK: "never"}, []route.Credential{own("1", "beta")}, nil, "alpha beta gamma", ""},
		{"never, though always", llm.Routing{BYOK: "never"}, []route.Credential{sole("1", "beta")}, nil, "alpha gamma", route.OwnOnly},
		{"a provider the operator does not have", llm.Routing{}, []route.Credential{own("1", "alpha")}, func(es []*catalog.Endpoint) { dead(es[0]); dead(es[2]) }, "alpha:1 beta", route.NotLive},
		{"of a model", llm.Routing{}, []route.Credential{{ID: "1", Provider: "alpha", Models: []string{"x/y"}}, {ID: "2", Provider: "beta", Models: []string{"x/z"}}}, nil, "alpha:1 alpha beta gamma", ""},
		{"always, but not for this model", llm.Routing{}, []route.Credential{{ID: "1", Provider: "alpha", Models: []string{"x/z"}, Sole: true}}, nil, "beta gamma", route.OwnOnly},
		{"always, for this model", llm.Routing{}, []route.Credential{{ID: "1", Provider: "alpha", Models: []string{"x/y"}, Required: true}}, nil, "alpha:1 beta gamma", ""},
		{"always, for another model", llm.Routing{}, []route.Credential{{ID: "1", Provider: "alpha", Models: []string{"x/z"}, Required: true}}, nil, "alpha beta gamma", ""},
		{"never, though always for this model", llm.Routing{BYOK: "never"}, []route.Credential{{ID: "1", Provider: "alpha", Required: true}}, nil, "beta gamma", route.OwnOnly},
		{"no fallbacks", llm.Routing{NoFallbacks: true}, []route.Credential{own("1", "gamma")}, nil, "gamma:1 gamma", route.NoFallbacks},
		{"a policy holds for it too", llm.Routing{Ignore: []string{"beta"}}, []route.Credential{own("1", "beta")}, nil, "alpha gamma", route.IgnoredProviders},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, es := abc()
			if c.edit != nil {
				c.edit(es)
			}
			in := input(es...)
			in.Request.Routing, in.Credentials = c.routing, c.own
			in.Policy = policy.Merge(policy.Layer{Name: "test", Sort: "price"})
			p := plan(t, in)
			if got := payment(p); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			found := c.dropped == ""
			for _, d := range p.Dropped {
				found = found || d.Reason == c.dropped
			}
			if !found {
				t.Errorf("nothing is out for %s: %+v", c.dropped, p.Dropped)
			}
			for _, s := range p.Steps {
				if last := s.Reasons[len(s.Reasons)-1]; (s.Own != "") != (last == route.Own || last == route.OwnFallback) {
					t.Errorf("%s with %q is explained by %v", s.Endpoint.ID, s.Own, s.Reasons)
				}
			}
		})
	}
}

// What the owner says of a credential goes before what the catalogue says of the endpoint, and
// says nothing of calls that others pay.
func TestRetentionAsTheOwnerOfACredentialSays(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	zdr := func(e *catalog.Endpoint) { e.Data = catalog.DataPolicy{Trains: catalog.No, Retains: catalog.No} }
	dead := func(e *catalog.Endpoint) { e.Live = false }
	for _, c := range []struct {
		name     string
		demanded bool
		says     *bool
		edit     func(alpha *catalog.Endpoint)
		want     string
		dropped  route.Reason // of alpha
	}{
		{"keeps nothing", true, &yes, nil, "alpha:1 gamma", ""},
		{"keeps nothing, and nobody else has the provider", true, &yes, dead, "alpha:1 gamma", ""},
		{"nothing said", true, nil, nil, "gamma", route.ZDR},
		{"nothing said where nothing is kept", true, nil, zdr, "alpha:1 alpha gamma", ""},
		{"keeps, where others' is not kept", true, &no, zdr, "alpha gamma", ""},
		{"keeps, and nobody else has the provider", true, &no, func(e *catalog.Endpoint) { zdr(e); dead(e) }, "gamma", route.ZDR},
		{"keeps, and nobody minds", false, &no, nil, "alpha:1 alpha beta gamma", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, es := abc()
			for _, e := range es[:2] {
				e.Data.Retains = catalog.Yes
			}
			if zdr(es[2]); c.edit != nil {
				c.edit(es[0])
			}
			in := input(es...)
			in.Credentials = []route.Credential{{ID: "1", Provider: "alpha", KeepsNothing: c.says}}
			in.Policy = policy.Merge(policy.Layer{Name: "test", Sort: "price", ZDR: c.demanded})
			p := plan(t, in)
			if got := payment(p); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			var why route.Reason
			for _, d := range p.Dropped {
				if d.Endpoint.ID == es[0].ID {
					why = d.Reason
				}
			}
			if why != c.dropped {
				t.Errorf("alpha is out for %q, want %q", why, c.dropped)
			}
		})
	}
}

// What an account says of its credential does not lift what the operator demands.
func TestTheOperatorsDemandIsNotLifted(t *testing.T) {
	t.Parallel()
	yes := true
	_, es := abc()
	es[0].Data.Retains = catalog.Yes
	in := input(es...)
	in.Credentials = []route.Credential{{ID: "1", Provider: "alpha", KeepsNothing: &yes}}
	in.Policy = policy.Merge(policy.Layer{Name: policy.OperatorLayer, Sort: "price", ZDR: true}, policy.Layer{Name: "guardrail g", ZDR: true})
	if got := payment(plan(t, in)); got != "beta gamma" {
		t.Error(got)
	}
}

// Every endpoint is tried by somebody or dropped with a reason, nobody pays twice for one,
// and the same input, also when it is replayed, gives the same plan.
func TestOwnCredentialsKeepThePromises(t *testing.T) {
	t.Parallel()
	yes := true
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		for i := range rapid.IntRange(0, 4).Draw(t, "credentials") {
			in.Credentials = append(in.Credentials, route.Credential{ID: string(rune('1' + i)), Provider: rapid.SampledFrom([]string{"alpha", "beta", "gamma"}).Draw(t, "provider"),
				Fallback: rapid.Bool().Draw(t, "fallback"), Sole: rapid.Bool().Draw(t, "sole"),
				Required: rapid.Bool().Draw(t, "required"), KeepsNothing: rapid.SampledFrom([]*bool{nil, new(bool), &yes}).Draw(t, "zdr")})
		}
		in.Request.Routing.BYOK = rapid.SampledFrom([]string{"", "prefer", "allow", "require", "never"}).Draw(t, "byok")
		p, _ := route.New(in)
		tried, all := map[string]bool{}, 0
		type call struct{ endpoint, own string }
		calls := map[call]bool{}
		for _, s := range p.Steps {
			c := call{s.Endpoint.ID, s.Own}
			if calls[c] {
				t.Fatalf("%v is called twice", c)
			}
			calls[c], tried[s.Endpoint.ID] = true, true
			if s.Own == "" && (!s.Endpoint.Live || in.Request.Routing.BYOK == "require") || s.Own != "" && in.Request.Routing.BYOK == "never" {
				t.Fatalf("%v must not pay", c)
			}
		}
		ids := map[string]bool{}
		for _, m := range in.Models {
			for _, e := range m.Endpoints {
				ids[e.ID] = true
				all++
			}
		}
		if len(ids) == all && len(tried)+len(p.Dropped) != all {
			t.Fatalf("%d endpoints, %d tried, %d dropped", all, len(tried), len(p.Dropped))
		}
		rec := route.NewRecord(&in)
		again, _ := rec.Replay(func(slug string) []*catalog.Endpoint {
			for _, m := range in.Models {
				if m.Model == slug {
					return m.Endpoints
				}
			}
			return nil
		})
		if payment(again) != payment(p) {
			t.Fatalf("%s, replayed %s", payment(p), payment(again))
		}
	})
}

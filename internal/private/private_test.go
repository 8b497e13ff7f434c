package private_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/private"
)

func yes() *bool { b := true; return &b }

func set() private.Set {
	p := &private.Provider{ID: "p", Slug: "mine", BaseURL: "http://10.0.0.1:11434/v1", Protocol: llm.OpenAIChat, Auth: "none", Trains: new(bool)}
	return private.Set{Providers: []*private.Provider{p}, Endpoints: []*private.Endpoint{
		{ID: "1", Model: "me/free", Provider: "mine", Upstream: "f", Free: true, Status: private.Active, ZDR: yes(), Region: "eu"},
		{ID: "2", Model: "me/dear", Provider: "mine", Upstream: "d", Rates: map[string]money.Price{"prompt": 5, "completion": 7, "request": 9}, Status: private.Active},
		{ID: "3", Model: "me/none", Provider: "mine", Upstream: "n", Status: private.Active},
		{ID: "4", Model: "me/draft", Provider: "mine", Upstream: "x", Free: true, Status: private.Draft},
		{ID: "5", Model: "me/lost", Provider: "gone", Upstream: "x", Free: true, Status: private.Active},
	}}
}

func TestOverlay(t *testing.T) {
	snap, err := catalog.Build(new(catalog.Data), set().Overlay())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(snap.AllEndpoints()); n != 3 {
		t.Errorf("%d endpoints", n)
	}
	free, dear, none := snap.Endpoint("mine/me/free"), snap.Endpoint("mine/me/dear"), snap.Endpoint("mine/me/none")
	if !free.Live || !free.Private || !free.Pricing.Free || !free.Data.ZDR() || free.Data.Collects() || free.Region != "eu" || free.UpstreamModel != "f" {
		t.Errorf("%+v", free)
	}
	if dear.Pricing.Prompt != 5 || dear.Pricing.Completion != 7 || *dear.Pricing.Request != 9 || dear.Data.ZDR() || dear.Data.Trains != catalog.No {
		t.Errorf("%+v", dear)
	}
	if none.Pricing != nil || none.Unpriced == "" {
		t.Errorf("%+v", none)
	}
	if m := snap.Model("me/free"); m == nil || m.Author != "me" {
		t.Errorf("%+v", m)
	}
}

// A model that the catalogue has stays as the catalogue has it.
func TestOverlayLeavesModelsAlone(t *testing.T) {
	base := catalog.Overlay{Models: []catalog.ModelRow{{Model: catalog.Model{Slug: "me/free", Name: "Theirs"}}}}
	s := set()
	s.Endpoints[0].Name = "Mine"
	snap, err := catalog.Build(new(catalog.Data), base, s.Overlay())
	if err != nil || snap.Model("me/free").Name != "Theirs" {
		t.Errorf("%+v %v", snap.Model("me/free"), err)
	}
}

func TestSetIsNotChanged(t *testing.T) {
	s := set()
	other := *s.Endpoints[0]
	other.Region = "us"
	next := s.PutEndpoint(&other).PutEndpoint(&private.Endpoint{ID: "6"}).DropEndpoint("2").PutProvider(&private.Provider{ID: "q"}).DropProvider("p")
	if len(s.Endpoints) != 5 || s.Endpoints[0].Region != "eu" || len(s.Providers) != 1 || s.Providers[0].ID != "p" {
		t.Errorf("changed: %+v", s)
	}
	if len(next.Endpoints) != 5 || next.Endpoints[0].Region != "us" || len(next.Providers) != 1 || next.Providers[0].ID != "q" {
		t.Errorf("%+v", next)
	}
}

// What refers to a provider that is somebody else now is not sent there.
func TestWithout(t *testing.T) {
	left, lost := set().Without(func(slug string) bool { return slug == "mine" })
	if len(lost) != 1 || len(left.Providers) != 0 || len(left.Endpoints) != 1 || left.Endpoints[0].Provider != "gone" {
		t.Errorf("%+v %v", left, lost)
	}
}

func TestCheckBase(t *testing.T) {
	for _, good := range []string{"http://localhost:11434/v1", "https://10.0.0.7", "http://[::1]:8000/v1", "https://vllm.example.com/x/v1"} {
		if err := private.CheckBase(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "localhost:1", "ftp://x", "file:///etc/passwd", "http://", "http://:80", "http://u:p@x", "http://u@x", "http://x?k=1", "http://x?", "http://x#a", "http://{region}.x"} {
		if err := private.CheckBase(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestSlugAndTag(t *testing.T) {
	for s, want := range map[string]bool{"a": true, "my-vllm.2": true, "": false, "-a": false, "a-": false, "A": false, "a/b": false, "a b": false} {
		if private.Slug(s) != want {
			t.Errorf("slug %q", s)
		}
	}
	for s, want := range map[string]bool{"p/eu": true, "p": false, "p/": false, "q/eu": false, "p/a/b": false} {
		if private.Tag("p", s) != want {
			t.Errorf("tag %q", s)
		}
	}
}

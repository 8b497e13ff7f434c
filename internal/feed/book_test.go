package feed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

func TestBookKeepsOldPrices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, price := range []string{"1.5", "1.2"} {
		o, err := Load(dir, day(2+2*i))
		if err != nil {
			t.Fatal(err)
		}
		s := small(t)
		if o != nil {
			s = small(t, *o)
		}
		if n, err := Apply(dir, Diff(s, []Offer{offer(t, "one", price, "2"), offer(t, "two", "1", "2")}, 3), day(2+2*i)); err != nil || n != 1 {
			t.Fatalf("applied %d, %v", n, err)
		}
	}
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "1", 2: "1.5", 3: "1.5", 4: "1.2", 30: "1.2"} {
		p := b.At("p/a/one", day(n))
		if p == nil || p.Price.Rates["prompt"] != usd(t, want) {
			t.Errorf("day %d: %+v, want %s", n, p, want)
		}
		e := small(t, *b.Overlay(day(n))).Endpoint("p/a/one")
		if e.Pricing.Prompt != usd(t, want) || e.Pricing.Priority == nil || e.Pricing.CacheRead == nil {
			t.Errorf("day %d: overlay gives %+v", n, e.Pricing)
		}
	}
	if b.At("p/a/two", day(1)) != nil {
		t.Error("the book knows an endpoint that never changed")
	}
}

func TestApplyWaitsForAPerson(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	changes := Diff(small(t), []Offer{offer(t, "one", "100", "2")}, 3) // a jump, and "two" is gone
	if n, err := Apply(dir, changes, day(1)); err != nil || n != 0 {
		t.Fatalf("applied %d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
		t.Error("a book was written for nothing")
	}
	if o, err := Load(dir, day(1)); o != nil || err != nil {
		t.Errorf("no book: %v, %v", o, err)
	}
	for i := range changes {
		changes[i].Accepted = true
	}
	if n, err := Apply(dir, changes, day(1)); err != nil || n != 2 {
		t.Fatalf("applied %d, %v", n, err)
	}
	o, err := Load(dir, day(1))
	if err != nil {
		t.Fatal(err)
	}
	s := small(t, *o)
	if p := s.Endpoint("p/a/one").Pricing.Prompt; p != usd(t, "100") {
		t.Errorf("accepted price is %s", p)
	}
	if e := s.Endpoint("p/a/two"); e.Pricing != nil || e.Unpriced == "" {
		t.Errorf("removed endpoint %+v", e)
	}
}

func TestApplyAddsEndpointsAndModels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fresh := offer(t, "b/new", "1", "2")
	fresh.Model, fresh.Name, fresh.ContextLength = "b/new", "New", 500
	changes := Diff(small(t), []Offer{offer(t, "one", "1", "2"), offer(t, "two", "1", "2"), offer(t, "three", "3", "3"), fresh}, 3)
	if n, err := Apply(dir, changes, day(1)); err != nil || n != 2 {
		t.Fatalf("applied %d of %+v, %v", n, changes, err)
	}
	o, err := Load(dir, day(1))
	if err != nil {
		t.Fatal(err)
	}
	s := small(t, *o)
	if e := s.Endpoint("p/a/three"); e == nil || e.UpstreamModel != "three" || e.Pricing.Prompt != usd(t, "3") || e.Source != today {
		t.Errorf("added endpoint %+v", e)
	}
	if e := s.Endpoint("p/b/new"); e == nil || e.Model.Name != "New" || e.UpstreamModel != "b/new" {
		t.Errorf("added model %+v", e)
	}
}

func TestApplyDoesNotRewriteThePast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	changes := Diff(small(t), []Offer{offer(t, "one", "1.5", "2"), offer(t, "two", "1", "2")}, 3)
	if _, err := Apply(dir, changes, day(5)); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{4, 5} {
		if _, err := Apply(dir, changes, day(n)); err == nil || !strings.Contains(err.Error(), "cannot rewrite") {
			t.Errorf("from day %d: %v", n, err)
		}
	}
}

func TestOpenRefusesBrokenBooks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"{", `{"version":2}`, `{"version":1,"endpoints":[{"provider":"p","model":"m"}]}`,
		`{"version":1,"endpoints":[{"provider":"p","model":"m","prices":[{"from":"2030-01-01T00:00:00Z"},{"from":"2029-01-01T00:00:00Z"}]}]}`,
		`{"version":1,"endpoints":[{"provider":"p","model":"m","prices":[{"price":{"rates":{"prompt":"-1"}}}]}]}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir, day(1)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestPriceRoundTrip(t *testing.T) {
	t.Parallel()
	base, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for i := range base.Endpoints {
		e := &base.Endpoints[i]
		if got := priceOf(e.Pricing).Pricing(); !samePricing(got, e.Pricing) {
			t.Errorf("%s: %+v became %+v", e.ID, e.Pricing, got)
		}
	}
}

package gateway

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

func TestClientAddress(t *testing.T) {
	proxies := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		proxies  Proxies
		conn     string
		forwards []string
		want     string
	}{
		{nil, "192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"},
		{proxies, "192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"}, // not a proxy of ours
		{proxies, "10.0.0.1:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{proxies, "10.0.0.1:5", []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"}, // the first is the client's claim
		{proxies, "10.0.0.1:5", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{proxies, "[fd00::1]:5", []string{"2001:db8::5"}, "2001:db8::5"},
		{proxies, "10.0.0.1:5", []string{"198.51.100.7, nonsense"}, "10.0.0.1"},
		{proxies, "10.0.0.1:5", nil, "10.0.0.1"},
		{proxies, "[::ffff:192.0.2.1]:5", nil, "192.0.2.1"},
		{proxies, "@", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.conn, Header: http.Header{"X-Forwarded-For": c.forwards}}
		if got := c.proxies.Client(r).String(); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.conn, c.forwards, got, c.want)
		}
	}
}

func TestNetworksOfAKey(t *testing.T) {
	k := &account.Key{Extras: account.Extras{Networks: []string{"192.0.2.0/24", "2001:db8::1"}}}
	for addr, want := range map[string]bool{"192.0.2.200": true, "192.0.3.1": false, "2001:db8::1": true, "2001:db8::2": false} {
		if got := mayCallFrom(k, netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	if mayCallFrom(k, netip.Addr{}) || !mayCallFrom(&account.Key{}, netip.Addr{}) {
		t.Error("an unknown address is on a list, or an absent list keeps it out")
	}
}

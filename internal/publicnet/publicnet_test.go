package publicnet

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"93.184.216.34:443", "8.8.8.8:80", "[2606:2800:220:1:248:1893:25c8:1946]:443", "[::ffff:8.8.8.8]:443"} {
		if !Public(netip.MustParseAddrPort(good)) {
			t.Errorf("%s is refused", good)
		}
	}
	for _, bad := range []string{
		"127.0.0.1:80", "10.0.0.1:443", "172.16.3.4:443", "192.168.1.1:80", "169.254.169.254:80", "0.0.0.0:80", "100.64.0.1:80",
		"224.0.0.1:80", "255.255.255.255:80", "240.0.0.1:80", "198.18.0.1:80", "[::1]:80", "[::]:80", "[fe80::1]:80", "[fd00::1]:80",
		"[::ffff:127.0.0.1]:80", "[::ffff:169.254.169.254]:80", "[::7f00:1]:80", "[64:ff9b::7f00:1]:80", "[2002:7f00:1::]:80", "[ff02::1]:80",
		"8.8.8.8:22", "8.8.8.8:6379",
	} {
		if Public(netip.MustParseAddrPort(bad)) {
			t.Errorf("%s is allowed", bad)
		}
	}
}

func TestAnyPort(t *testing.T) {
	t.Parallel()
	if !AnyPort(netip.MustParseAddrPort("8.8.8.8:4318")) || AnyPort(netip.MustParseAddrPort("127.0.0.1:4318")) {
		t.Error("a port decides")
	}
}

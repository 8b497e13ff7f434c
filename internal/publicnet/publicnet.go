// Package publicnet dials addresses that strangers name. It promises that what is not the
// public Internet is not reached, whatever a name resolves to at whatever time. Start with
// Dialer.
package publicnet

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrPrivate is why an address was not dialled.
var ErrPrivate = errors.New("it is not at a public address")

// Dialer dials what allow allows. It asks about the address that is being connected to, after
// the name has been resolved: a name that resolves to something else the second time gains
// nothing. An http.Transport that uses it must take no proxy, which would dial in its place.
func Dialer(allow func(netip.AddrPort) bool) *net.Dialer {
	return &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !allow(a) {
			return ErrPrivate
		}
		return nil
	}}
}

// Any allows every address, for networks whose clients are trusted.
func Any(netip.AddrPort) bool { return true }

// reserved are the networks beyond those that netip knows which are not the public
// Internet, or lead to another address (IANA's special-purpose registries, RFC 6890).
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Public reports whether an address is one of the public Internet, at a port of the Web.
func Public(a netip.AddrPort) bool { return (a.Port() == 80 || a.Port() == 443) && AnyPort(a) }

// AnyPort reports whether an address is one of the public Internet.
func AnyPort(a netip.AddrPort) bool {
	ip := a.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

package gateway

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// Proxies are networks whose servers pass requests on and say for whom, in X-Forwarded-For.
type Proxies []netip.Prefix

// Client is the address a request comes from: that of the connection, or the last one that
// no trusted proxy has. The zero Addr is one nobody can tell.
func (p Proxies) Client(r *http.Request) netip.Addr {
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := conn.Addr().Unmap()
	if len(p) == 0 || !p.has(client) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break // what stands before it nobody vouches for
		}
		if client = addr.Unmap(); !p.has(client) {
			break
		}
	}
	return client
}

// Secure reports whether the client's side of a request is https: its connection is, or a
// trusted proxy says so.
func (p Proxies) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.has(conn.Addr().Unmap()) && r.Header.Get("X-Forwarded-Proto") == "https"
}

func (p Proxies) has(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// mayCallFrom fails closed: an address nobody can tell is on no list.
func mayCallFrom(k *account.Key, client netip.Addr) bool {
	if k.Networks == nil {
		return true
	}
	return slices.ContainsFunc(k.Networks, func(s string) bool {
		n, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			return err == nil && a.Unmap() == client
		}
		return n.Contains(client)
	})
}

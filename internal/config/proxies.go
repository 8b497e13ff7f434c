package config

import (
	"fmt"
	"net/netip"
)

// Proxies are the networks whose word about a client's address is taken. They were checked.
func (c *Config) Proxies() []netip.Prefix {
	nets := make([]netip.Prefix, 0, len(c.Trusted))
	for _, s := range c.Trusted {
		if n, err := network(s); err == nil {
			nets = append(nets, n)
		}
	}
	return nets
}

// network reads an address or a CIDR block.
func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func (c *checker) proxies(list []string) {
	for i, s := range list {
		if _, err := network(s); err != nil {
			c.add(fmt.Sprintf("$.trusted_proxies[%d]", i), "%q is neither an address nor a network such as 10.0.0.0/8", s)
		}
	}
}

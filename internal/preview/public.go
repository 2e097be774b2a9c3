package preview

import (
	"net/netip"
	"slices"
)

// The only addresses that are anybody's: what the registries hand out for the
// public network, without the parts that were set aside for something else.
//
// All of IPv6 that is not in globalUnicast is refused: loopback, link-local and
// private addresses, multicast, and those that stand for addresses of IPv4
// (mapped, and of NAT64).
var (
	globalUnicast = netip.MustParsePrefix("2000::/3")

	setAside6 = prefixes(
		"2001::/23",     // protocols, and Teredo, which holds addresses of IPv4
		"2001:db8::/32", // documentation
		"2002::/16",     // 6to4, which holds addresses of IPv4
		"3fff::/20",     // documentation
	)

	setAside4 = prefixes(
		"0.0.0.0/8",
		"10.0.0.0/8",
		"100.64.0.0/10", // carriers' own
		"127.0.0.0/8",
		"169.254.0.0/16", // link-local, where clouds tell secrets
		"172.16.0.0/12",
		"192.0.0.0/24",
		"192.0.2.0/24", // documentation
		"192.31.196.0/24",
		"192.52.193.0/24",
		"192.88.99.0/24", // 6to4 relays
		"192.168.0.0/16",
		"192.175.48.0/24",
		"198.18.0.0/15", // benchmarks
		"198.51.100.0/24",
		"203.0.113.0/24",
		"224.0.0.0/4", // multicast
		"240.0.0.0/4", // reserved, and broadcast
	)
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// isPublic reports whether an address belongs to the public network. Whatever
// is not known to is not.
func isPublic(a netip.Addr) bool {
	within := func(p netip.Prefix) bool { return p.Contains(a) }
	switch {
	case a.Zone() != "" || a.Is4In6():
		return false
	case a.Is4():
		return !slices.ContainsFunc(setAside4, within)
	}
	return globalUnicast.Contains(a) && !slices.ContainsFunc(setAside6, within)
}

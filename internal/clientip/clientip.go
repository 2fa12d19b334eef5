// Package clientip finds the address of the client of a request behind trusted proxies (docs/formats.md, without its
// first-entry rule: the first entry of X-Forwarded-For is what the client wrote).
//
// X-Forwarded-For is walked from right to left for as long as the hop that wrote the entry is trusted; the first
// address that is not trusted is the client. No other header is read.
package clientip

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds how many entries of X-Forwarded-For are read.
const maxHops = 32

// Unknown is the key of the requests whose client address is not known (a Unix socket). They share one limit: a missing
// address is no way around it.
const Unknown = "unknown"

// Resolver finds client addresses. It is immutable and safe for concurrent use. The zero Resolver trusts no proxy.
type Resolver struct{ trusted []netip.Prefix }

// New returns a Resolver that believes the X-Forwarded-For entries written by these proxies: addresses (10.0.0.7) or
// networks (10.0.0.0/8, fd00::/8). With none, only the peer of the connection counts. The error names the entry that is
// wrong.
func New(proxies []string) (*Resolver, error) {
	r := &Resolver{}
	for _, text := range proxies {
		prefix, err := parsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q: write an address or a network, for example 10.0.0.0/8", text)
		}
		r.trusted = append(r.trusted, prefix)
	}
	return r, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("it covers more than the IPv4 addresses")
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

// Addr returns the client's address, unmapped and without a zone; ok is false when it is not known.
func (r *Resolver) Addr(req *http.Request) (addr netip.Addr, ok bool) {
	return r.Walk(req.RemoteAddr, req.Header.Values("X-Forwarded-For"))
}

// Walk is Addr for the peer of the connection (host:port, or a host) and the values of the X-Forwarded-For header.
func (r *Resolver) Walk(peer string, forwarded []string) (netip.Addr, bool) {
	addr, ok := parseAddr(peer)
	if !ok || !r.trusts(addr) {
		return addr, ok
	}
	hops := 0
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest := forwarded[i]; ; {
			comma := strings.LastIndexByte(rest, ',')
			next, valid := parseAddr(strings.Trim(rest[comma+1:], " \t"))
			if hops++; !valid || hops > maxHops {
				// What a trusted proxy passed on but did not write. The proxy itself is the last address we know.
				return addr, true
			}
			if addr = next; !r.trusts(addr) {
				return addr, true
			}
			if comma < 0 {
				break
			}
			rest = rest[:comma]
		}
	}
	return addr, true
}

func (r *Resolver) trusts(addr netip.Addr) bool {
	for _, p := range r.trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// parseAddr reads an address with or without a port, in any spelling of netip.
func parseAddr(text string) (netip.Addr, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		if addr, err := netip.ParseAddr(text[1 : len(text)-1]); err == nil && addr.Is6() {
			return addr.Unmap().WithZone(""), true
		}
	}
	return netip.Addr{}, false
}

// Text returns an address as session.ipAddress has it: IPv4 as it is, IPv6 as its /64 network in full notation
// (2001:0db8:0001:0002:0000:0000:0000:0000), and "" when it is not known.
func Text(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return mask(addr).StringExpanded()
}

// Key returns the rate limiter's key of an address. All spellings of one address, and all addresses of one IPv6 /64 (what
// one customer gets), have one key; an unknown address has the key [Unknown].
func Key(addr netip.Addr) string {
	if !addr.IsValid() {
		return Unknown
	}
	return mask(addr).String()
}

func mask(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return prefix.Addr()
}

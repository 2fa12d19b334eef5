package clientip

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func newResolver(t testing.TB, proxies ...string) *Resolver {
	t.Helper()
	r, err := New(proxies)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWalk(t *testing.T) {
	t.Parallel()
	none, lan := newResolver(t), newResolver(t, "10.0.0.0/8", "::1", "fd00::/8")
	for _, c := range []struct {
		name      string
		r         *Resolver
		peer      string
		forwarded []string
		want      string
	}{
		{"no proxy is trusted: the header is not read", none, "198.51.100.1:5000", []string{"203.0.113.7"}, "198.51.100.1"},
		{"a peer that is no proxy", lan, "198.51.100.1:5000", []string{"203.0.113.7"}, "198.51.100.1"},
		{"one proxy", lan, "10.0.0.1:5000", []string{"203.0.113.7"}, "203.0.113.7"},
		{"two proxies", lan, "10.0.0.1:5000", []string{"203.0.113.7, 10.9.9.9"}, "203.0.113.7"},
		{"a spoofed first entry", lan, "10.0.0.1:5000", []string{"1.2.3.4, 203.0.113.7"}, "203.0.113.7"},
		{"spoofed entries in two lines", lan, "10.0.0.1:5000", []string{"1.2.3.4", "203.0.113.7 ,10.0.0.2"}, "203.0.113.7"},
		{"garbage is where trust ends", lan, "10.0.0.1:5000", []string{"1.2.3.4, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"only garbage", lan, "10.0.0.1:5000", []string{"not-an-ip"}, "10.0.0.1"},
		{"an empty header", lan, "10.0.0.1:5000", []string{""}, "10.0.0.1"},
		{"no header", lan, "10.0.0.1:5000", nil, "10.0.0.1"},
		{"all are proxies", lan, "10.0.0.1:5000", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"entries with ports", lan, "[::1]:5000", []string{"203.0.113.7:1234"}, "203.0.113.7"},
		{"IPv6 in brackets", lan, "[::1]:5000", []string{"[2001:db8::1]:99, [fd00::1]"}, "2001:db8::1"},
		{"IPv4 in IPv6", lan, "[::ffff:10.0.0.1]:5000", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{"a zone", lan, "[fe80::1%eth0]:5000", nil, "fe80::1"},
		{"a Unix socket", lan, "@", []string{"203.0.113.7"}, "invalid IP"},
		{"too many hops", lan, "10.0.0.1:1", []string{"203.0.113.7" + strings.Repeat(", 10.0.0.2", 100)}, "10.0.0.2"},
	} {
		if addr, _ := c.r.Walk(c.peer, c.forwarded); addr.String() != c.want {
			t.Errorf("%s: %s; want %s", c.name, addr, c.want)
		}
	}
	req, _ := http.NewRequest(http.MethodGet, "/", nil)
	req.RemoteAddr = "10.0.0.1:1"
	req.Header.Set("X-Forwarded-For", "203.0.113.7")
	req.Header.Set("X-Real-Ip", "1.2.3.4")
	if addr, ok := lan.Addr(req); !ok || addr.String() != "203.0.113.7" {
		t.Errorf("Addr = %s, %v", addr, ok)
	}
}

// TestGHSA_p6v2_xcpg_h6xw_OneKeyForAllSpellings: no spelling of an address and no rotation within a /64 gives a new key.
func TestGHSA_p6v2_xcpg_h6xw_OneKeyForAllSpellings(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"203.0.113.7":      {"203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7"},
		"2001:db8:1:2::":   {"2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::1%eth0"},
		"2001:db8:1:3::":   {"2001:db8:1:3::1"},
		"::":               {"::1", "::"},
		"2002:cb00:7107::": {"2002:cb00:7107::1"},
	} {
		for _, s := range spellings {
			if got := Key(netip.MustParseAddr(s)); got != want {
				t.Errorf("Key(%s) = %s; want %s", s, got, want)
			}
		}
	}
	if Key(netip.Addr{}) != Unknown || Text(netip.Addr{}) != "" {
		t.Error("an unknown address has the key \"unknown\" and no text")
	}
	if got := Text(netip.MustParseAddr("2001:DB8:1:2:3:4:5:6")); got != "2001:0db8:0001:0002:0000:0000:0000:0000" {
		t.Errorf("Text = %s: not as measured", got)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x", "10.0.0.0/33", "::ffff:0:0/10", "10.0.0.1:80"} {
		if _, err := New([]string{bad}); err == nil || !strings.Contains(err.Error(), "trusted proxy") {
			t.Errorf("New(%q): %v", bad, err)
		}
	}
	r := newResolver(t, "::ffff:10.0.0.0/104", "10.1.2.3/8")
	if !r.trusts(netip.MustParseAddr("10.200.0.1")) {
		t.Error("a mapped network is not trusted")
	}
}

func FuzzWalk(f *testing.F) {
	r := newResolver(f, "10.0.0.0/8")
	f.Add("10.0.0.1:1", "1.2.3.4, 203.0.113.7")
	f.Fuzz(func(t *testing.T, peer, header string) {
		addr, ok := r.Walk(peer, []string{header})
		if ok != addr.IsValid() || addr.Is4In6() || addr.Zone() != "" {
			t.Errorf("Walk(%q, %q) = %v, %v", peer, header, addr, ok)
		}
		if own, known := parseAddr(peer); known && !r.trusts(own) && addr != own {
			t.Errorf("the header %q of an untrusted peer was believed", header)
		}
		Key(addr)
		Text(addr)
	})
}

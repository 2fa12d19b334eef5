package origin

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxURL bounds what is parsed, in bytes.
const maxURL = 8192

// location is the part of an absolute URL that trust depends on.
type location struct {
	scheme string // lower-case
	host   string // lower-case, IPv6 in brackets
	port   string // empty when it is the scheme's own
}

func (l location) String() string { return l.scheme + "://" + l.authority() }

// authority is the host with the port when it is not the scheme's own.
func (l location) authority() string {
	if l.port == "" {
		return l.host
	}
	return l.host + ":" + l.port
}

func (l location) web() bool { return l.scheme == "http" || l.scheme == "https" }

// parse splits an absolute URL. rest is what follows the authority. ok is false for everything that is not
// scheme://host[:port][/...] in plain ASCII.
func parse(raw string) (l location, rest string, ok bool) {
	if len(raw) > maxURL {
		return l, "", false
	}
	for i := 0; i < len(raw); i++ {
		if c := raw[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"<>", c) >= 0 {
			return l, "", false
		}
	}
	scheme, after, found := strings.Cut(raw, "://")
	if !found || !validScheme(scheme) {
		return l, "", false
	}
	end := strings.IndexAny(after, "/?#")
	if end < 0 {
		end = len(after)
	}
	authority, rest := after[:end], after[end:]
	l.scheme = strings.ToLower(scheme)
	l.host, l.port, ok = splitAuthority(authority)
	if !ok || l.web() && l.host == "" {
		return location{}, "", false
	}
	if l.scheme == "http" && l.port == "80" || l.scheme == "https" && l.port == "443" {
		l.port = ""
	}
	return l, rest, true
}

func validScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if c >= 'a' && c <= 'z' || i > 0 && (s[i] >= '0' && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0) {
			continue
		}
		return false
	}
	return s != ""
}

func splitAuthority(authority string) (host, port string, ok bool) {
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", false
		}
		addr, err := netip.ParseAddr(authority[1:end])
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", false
		}
		host, authority = "["+addr.String()+"]", authority[end+1:]
		if authority == "" {
			return host, "", true
		}
		if authority[0] != ':' {
			return "", "", false
		}
		port = authority[1:]
	} else {
		var found bool
		host, port, found = strings.Cut(authority, ":")
		host = strings.ToLower(host)
		if !validHost(host) {
			return "", "", false
		}
		if !found {
			return host, "", true
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != port {
		return "", "", false
	}
	return host, port, true
}

// validHost accepts names of labels and IPv4 addresses; no empty labels, no trailing dot, no numbers that a browser
// would turn into an address (0x7f.1). The empty host is for URLs of apps (myapp:///path).
func validHost(host string) bool {
	if host == "" {
		return true
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return false
		}
		for i := 0; i < len(label); i++ {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	if last[0] >= '0' && last[0] <= '9' {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	return true
}

// Of returns the origin of an absolute http or https URL: scheme, host and the port unless it is the scheme's own.
func Of(raw string) (string, bool) {
	l, _, ok := parse(raw)
	if !ok || !l.web() {
		return "", false
	}
	return l.String(), true
}

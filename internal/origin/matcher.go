package origin

import (
	"fmt"
	"strings"
)

// Matcher holds the trusted origins of an app. It is immutable and safe for concurrent use; no request adds to it.
type Matcher struct {
	exact    map[string]struct{} // scheme://host[:port]
	patterns []pattern
	apps     []app
}

// pattern is an origin with * or ? in its host or port.
type pattern struct {
	scheme string // empty: http or https
	glob   string // over host[:port]
}

// app is the URL prefix of an installed app: myapp://, or myapp://host/path.
type app struct {
	location
	anyHost bool
	rest    string
}

// New returns the Matcher of a list of trusted origins:
//
//	https://app.example.com        this origin; what follows the host must be empty or "/"
//	https://*.example.com          every subdomain on https; * stands for any characters of a host, ? for one
//	*.example.com                  the same on http and https, on the scheme's own port
//	http://localhost:*             every port
//	myapp://                       URLs of an installed app (not of http or https)
//
// A pattern whose last label is not written out ("*", "https://*", "example.*") would trust hosts of other people and is
// refused. The error names the entry that is wrong.
func New(trusted []string) (*Matcher, error) {
	m := &Matcher{exact: make(map[string]struct{}, len(trusted))}
	for _, entry := range trusted {
		if err := m.add(entry); err != nil {
			return nil, fmt.Errorf("trusted origin %q: %w", entry, err)
		}
	}
	return m, nil
}

func (m *Matcher) add(entry string) error {
	if strings.ContainsAny(entry, "*?") {
		p, err := newPattern(entry)
		if err == nil {
			m.patterns = append(m.patterns, p)
		}
		return err
	}
	l, rest, ok := parse(entry)
	if !ok {
		return fmt.Errorf("it is no origin: write scheme://host[:port], for example https://app.example.com")
	}
	switch l.scheme {
	case "javascript", "data", "vbscript", "file", "blob", "about":
		return fmt.Errorf("URLs of the scheme %s run code or read files of the browser: they cannot be trusted", l.scheme)
	}
	if !l.web() {
		m.apps = append(m.apps, app{location: l, anyHost: l.host == "" && rest == "", rest: rest})
		return nil
	}
	if rest != "" && rest != "/" {
		return fmt.Errorf("an origin has no path: write %s", l)
	}
	m.exact[l.String()] = struct{}{}
	return nil
}

func newPattern(entry string) (pattern, error) {
	scheme, glob, found := strings.Cut(strings.ToLower(strings.TrimSuffix(entry, "/")), "://")
	if !found {
		scheme, glob = "", scheme
	} else if scheme != "http" && scheme != "https" {
		return pattern{}, fmt.Errorf("a pattern is for http or https: write https://%s", glob)
	}
	host, port, _ := strings.Cut(glob, ":")
	for _, part := range []string{host, port} {
		if strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-_.*?") != "" {
			return pattern{}, fmt.Errorf("it has characters that no host has")
		}
	}
	labels := strings.Split(host, ".")
	if last := labels[len(labels)-1]; last == "" || strings.ContainsAny(last, "*?") {
		return pattern{}, fmt.Errorf("it trusts hosts of other people: write out at least the last label of the host")
	}
	return pattern{scheme: scheme, glob: glob}, nil
}

// TrustsOrigin tells whether the value of an Origin header is trusted. "null" and the empty value never are.
func (m *Matcher) TrustsOrigin(header string) bool {
	l, rest, ok := parse(header)
	return ok && rest == "" && m.trusts(l, rest)
}

// TrustsReferer tells whether the value of a Referer header comes from a trusted origin.
func (m *Matcher) TrustsReferer(header string) bool {
	l, rest, ok := parse(header)
	return ok && m.trusts(l, rest)
}

// AllowsRedirect tells whether a callbackURL, redirectTo, errorCallbackURL or newUserCallbackURL may be used: a path of
// this site, or an absolute URL of a trusted origin.
func (m *Matcher) AllowsRedirect(target string) bool {
	if strings.HasPrefix(target, "/") {
		return isPath(target)
	}
	l, rest, ok := parse(target)
	return ok && m.trusts(l, rest)
}

func (m *Matcher) trusts(l location, rest string) bool {
	if !l.web() {
		for _, a := range m.apps {
			if a.matches(l, rest) {
				return true
			}
		}
		return false
	}
	if _, ok := m.exact[l.String()]; ok {
		return true
	}
	for _, p := range m.patterns {
		if (p.scheme == "" || p.scheme == l.scheme) && globMatch(p.glob, l.authority()) {
			return true
		}
	}
	return false
}

func (a app) matches(l location, rest string) bool {
	if a.scheme != l.scheme || !a.anyHost && (a.host != l.host || a.port != l.port) {
		return false
	}
	after, ok := strings.CutPrefix(rest, a.rest)
	return ok && (after == "" || a.rest == "" || strings.HasSuffix(a.rest, "/") || strings.IndexByte("/?#", after[0]) >= 0)
}

// globMatch matches host[:port]: * stands for any characters but a colon, ? for one. It takes no more than
// len(glob) * len(s) steps.
func globMatch(glob, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(glob) && glob[i] == '*':
			star, mark = i, j
			i++
		case i < len(glob) && (glob[i] == s[j] || glob[i] == '?' && s[j] != ':'):
			i++
			j++
		case star >= 0 && s[mark] != ':':
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(glob) && glob[i] == '*' {
		i++
	}
	return i == len(glob)
}

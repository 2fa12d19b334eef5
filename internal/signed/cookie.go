package signed

import (
	"iter"
	"strconv"
	"strings"
	"time"
)

// SecurePrefix is before the names of cookies that are sent over https only.
const SecurePrefix = "__Secure-"

// MaxCookieAge is the longest lifetime that browsers keep (RFC 6265bis): 400 days. Longer ones are cut.
const MaxCookieAge = 400 * 24 * time.Hour

// Cookie is one Set-Cookie line. The zero attributes are those of every auth cookie.
type Cookie struct {
	// Name without [SecurePrefix].
	Name string
	// Value as it stands in the line: percent-encoded by the caller, empty to clear.
	Value string
	// MaxAge is the lifetime; zero makes a cookie that ends with the browser, negative clears it (Max-Age=0).
	MaxAge time.Duration
	// Secure adds the prefix and the Secure attribute.
	Secure bool
	// Domain, when not empty, shares the cookie with the subdomains.
	Domain string
	// Path defaults to "/".
	Path string
	// SameSite is Lax, Strict or None. Defaults to Lax.
	SameSite string
}

// String renders the line as measured: Max-Age, Domain, Path, HttpOnly, Secure, SameSite, without Expires.
func (c Cookie) String() string {
	var b strings.Builder
	b.Grow(len(c.Name) + len(c.Value) + 96)
	b.WriteString(FullName(c.Name, c.Secure))
	b.WriteByte('=')
	b.WriteString(c.Value)
	switch {
	case c.MaxAge < 0:
		b.WriteString("; Max-Age=0")
	case c.MaxAge > 0:
		b.WriteString("; Max-Age=")
		b.WriteString(strconv.FormatInt(int64(min(c.MaxAge, MaxCookieAge)/time.Second), 10))
	}
	if c.Domain != "" {
		b.WriteString("; Domain=")
		b.WriteString(c.Domain)
	}
	b.WriteString("; Path=")
	if c.Path == "" {
		c.Path = "/"
	}
	b.WriteString(c.Path)
	b.WriteString("; HttpOnly")
	if c.Secure {
		b.WriteString("; Secure")
	}
	b.WriteString("; SameSite=")
	if c.SameSite == "" {
		c.SameSite = "Lax"
	}
	b.WriteString(c.SameSite)
	return b.String()
}

// FullName returns the name that a cookie has on the wire.
func FullName(name string, secure bool) string {
	if secure {
		return SecurePrefix + name
	}
	return name
}

// Lookup finds a cookie in the values of the Cookie header. The __Secure- name wins over the plain one wherever it
// stands, and with secure set the plain one is not looked at, because anybody on an http connection could have
// planted it. Of two cookies with one name the first wins.
func Lookup(headers []string, name string, secure bool) (value string, ok bool) {
	if value, ok = first(headers, SecurePrefix+name); ok || secure {
		return value, ok
	}
	return first(headers, name)
}

// first returns the first cookie of exactly this name.
func first(headers []string, name string) (string, bool) {
	for key, value := range pairs(headers) {
		if key != name {
			continue
		}
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		return value, true
	}
	return "", false
}

// pairs returns the names and values in Cookie headers, without the blanks around them.
func pairs(headers []string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, header := range headers {
			for pair := range strings.SplitSeq(header, ";") {
				name, value, found := strings.Cut(pair, "=")
				if found && !yield(strings.Trim(name, " \t"), strings.Trim(value, " \t")) {
					return
				}
			}
		}
	}
}

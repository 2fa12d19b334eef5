package origin

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func newMatcher(t testing.TB, trusted ...string) *Matcher {
	t.Helper()
	m, err := New(trusted)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// hostile is the corpus of the published bypasses: none of it may be a redirect target of a site that trusts
// http://127.0.0.1:54992, https://a.com and https://*.example.com.
var hostile = []string{
	"", "//evil", "//evil.example/", "///evil", `/\evil`, `\\evil`, `\/evil`, "/\t/evil", "\t//evil", " //evil", "/\n/evil", "//evil\n", "/ok\n", "/ok\r\nLocation: https://evil",
	"https:evil", "https:/evil", "https:///evil", "https:\\\\evil", "https:a.com", "http:/a.com", "https://", "https://?", "https://#a.com",
	"https://a.com@evil.example/", "https://a.com:443@evil", "https://user:pass@a.com/", "https://@a.com", "https://a.com%40evil.example", "https://a.com%2f.evil",
	"/%2fevil", "/%2Fevil", "/%5cevil", "/%5Cevil", "/%09/evil", "/%0d%0aSet-Cookie:x", "/ok%0d%0a",
	"javascript:alert(1)", "JavaScript://a.com/%0aalert(1)", "data:text/html,x", "data://a.com/x", "vbscript:x", "file:///etc/passwd", "blob:https://a.com/x",
	"https://a.com.evil", "https://a.com.evil.example/", "https://evil.example#a.com", "https://evil.example?a.com", "https://evil.example/a.com", "https://aXcom", "https://evila.com",
	"https://a。com", "https://a．com", "https://evil.example。a.com", "https://ａ.com", "https://а.com", "https://a.com\u2100", "https://a.com\u200b", "https://a\u00ad.com",
	"https://a.com:444", "https://a.com:0443", "https://a.com:+443", "https://a.com:", "https://a.com:99999", "https://a.com:443:443", "http://a.com", "ftp://a.com", "wss://a.com",
	"https://a.com\\@evil", "https://a.com\\.evil", "https://evil\\@a.com", "https://a.com\t", "https://a.com\x00", "https://a.com\n.evil", "https://[::1]@a.com", "https://[a.com]",
	"http://127.0.0.1:54992.evil.example/", "http://127.0.0.1:54992@evil.example/", "http://127.1:54992", "http://2130706433:54992", "http://0x7f.0.0.1:54992", "http://0177.0.0.1:54992", "http://127.0.0.1.:54992",
	"https://a.com./", "https://.a.com", "https://a..com", "https://example.com", "https://evilexample.com", "https://x.example.com.evil", "https://x.example.com:8443", "http://x.example.com", "https://.example.com", "https://evil.com/.example.com", "https://evil?.example.com", "https://evil#.example.com", "https://evil/x.example.com",
	"dash", "a.com", "a.com/x", "?x", "#x", "/a#b", "/a:b", "/a;b", "/a\\b", "/é", "/a?é", "/.//evil", "/..//evil", "/a/..//evil", "/./..//evil", "/././/evil", "/a?x#y", "/a?u=https:x", "/" + strings.Repeat("a", 10000),
}

// TestRedirectCorpus covers GHSA-vp58-j275-797x, GHSA-8jhw-6pjj-8723, GHSA-hjpm-7mrm-26w8 and GHSA-36rg-gfq2-3h56.
func TestRedirectCorpus(t *testing.T) {
	t.Parallel()
	m := newMatcher(t, "http://127.0.0.1:54992", "https://a.com", "https://*.example.com")
	for _, target := range hostile {
		if m.AllowsRedirect(target) {
			t.Errorf("AllowsRedirect(%.100q): allowed", target)
		}
		if m.TrustsOrigin(target) {
			t.Errorf("TrustsOrigin(%.100q): trusted", target)
		}
	}
	for _, target := range []string{
		"/", "/dash", "/a//b", "/a/../b", "/a.b/c-d+e/@f", "/welcome?x=1", "/reset?x=1&y=%2Fz&mail=a@b", "/a?", "/a/", "/./a", "/a?b=//c",
		"https://a.com", "HTTPS://A.COM/", "https://a.com:443/x?y=z#frag", "https://a.com/a|b?c={d}", "https://x.example.com", "https://x.y.example.com/p?q#f",
		"http://127.0.0.1:54992/dash?x=1", "http://127.0.0.1:54992",
	} {
		if !m.AllowsRedirect(target) {
			t.Errorf("AllowsRedirect(%q): refused", target)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"https://app.example.com/", []string{"https://app.example.com", "https://APP.example.com:443"}, []string{"http://app.example.com", "https://example.com", "https://app.example.com:8443"}},
		{"https://app.example.com:8443", []string{"https://app.example.com:8443"}, []string{"https://app.example.com"}},
		{"*.example.com", []string{"https://a.example.com", "http://a.b.example.com"}, []string{"https://example.com", "https://a.example.com:8443", "myapp://a.example.com"}},
		{"https://app-*.example.com", []string{"https://app-1.example.com", "https://app-.example.com"}, []string{"https://x.example.com"}},
		{"https://app-?.example.com", []string{"https://app-1.example.com"}, []string{"https://app-12.example.com", "https://app-.example.com"}},
		{"http://localhost:*", []string{"http://localhost:3000", "http://localhost:1"}, []string{"http://localhost", "https://localhost:3000", "http://localhost.evil:3000"}},
		{"http://[::1]:3000", []string{"http://[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000"}, []string{"http://[::2]:3000", "http://[::1]"}},
		{"http://localhost:80", []string{"http://localhost"}, nil},
		{"myapp://", []string{"myapp://", "myapp://callback/x", "MYAPP:///x"}, []string{"myapps://x", "myapp:x", "https://myapp"}},
		{"exp://host/--", []string{"exp://host/--", "exp://host/--/x", "exp://host/--?x"}, []string{"exp://host/--evil", "exp://hostile/--", "exp://host"}},
	} {
		m := newMatcher(t, c.pattern)
		for _, target := range c.yes {
			if !m.AllowsRedirect(target) {
				t.Errorf("%s refuses %s", c.pattern, target)
			}
		}
		for _, target := range c.no {
			if m.AllowsRedirect(target) {
				t.Errorf("%s allows %s", c.pattern, target)
			}
		}
	}
	for _, bad := range []string{"", "*", "https://*", "*.*", "example.*", "https://a.?", "a.com", "https://", "https://a.com/path", "https://u@a.com", "ws*://a.com", "https://*.a.com/x", "https://*.a com", "javascript://", "data://x"} {
		if _, err := New([]string{bad}); err == nil || !strings.Contains(err.Error(), "trusted origin") {
			t.Errorf("New(%q): %v; want an error that names it", bad, err)
		}
	}
}

func TestOriginHeader(t *testing.T) {
	t.Parallel()
	m := newMatcher(t, "http://127.0.0.1:54992")
	for header, want := range map[string]bool{
		"http://127.0.0.1:54992": true, "http://127.0.0.1:54992/": false, "http://127.0.0.1:54992/x": false, "null": false, "": false, "http://127.0.0.1:3000": false, "/": false,
	} {
		if got := m.TrustsOrigin(header); got != want {
			t.Errorf("TrustsOrigin(%q) = %v", header, got)
		}
	}
	if !m.TrustsReferer("http://127.0.0.1:54992/page?x") || m.TrustsReferer("https://evil.example/page") || m.TrustsReferer("/page") {
		t.Error("a Referer is trusted by the origin of an absolute URL")
	}
	if o, ok := Of("https://A.com:443/api/auth?x"); !ok || o != "https://a.com" {
		t.Errorf("Of = %q, %v", o, ok)
	}
}

// FuzzRedirect compares with net/url and with the letter of the rule.
func FuzzRedirect(f *testing.F) {
	m := newMatcher(f, "http://127.0.0.1:54992", "https://a.com", "https://*.example.com")
	for _, target := range hostile {
		f.Add(target)
	}
	f.Add("/welcome?x=1")
	f.Add("https://x.example.com/a?b#c")
	letter := regexp.MustCompile(`^/[\w\-.+/@]*(?:\?[\w\-.+/=&%@]*)?$`)
	f.Fuzz(func(t *testing.T, target string) {
		if !m.AllowsRedirect(target) {
			return
		}
		if strings.HasPrefix(target, "/") {
			resolved, err := url.Parse("https://site.test/base/")
			if err != nil {
				t.Fatal(err)
			}
			ref, err := resolved.Parse(strings.SplitN(target, "?", 2)[0])
			if err != nil || ref.Host != "site.test" || strings.HasPrefix(ref.Path, "//") || !letter.MatchString(target) || strings.HasPrefix(target, "//") {
				t.Errorf("path %q leaves the site: %v %v", target, ref, err)
			}
			return
		}
		u, err := url.Parse(target)
		if err != nil {
			if strings.Contains(err.Error(), "escape") {
				return // a broken escape after the host
			}
			t.Fatalf("%q: %v", target, err)
		}
		host := strings.ToLower(u.Host)
		if u.User != nil || host != "127.0.0.1:54992" && strings.TrimSuffix(host, ":443") != "a.com" && !strings.HasSuffix(strings.TrimSuffix(host, ":443"), ".example.com") {
			t.Errorf("%q is allowed; its host is %q", target, u.Host)
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("*.example.com", "a.example.com")
	f.Fuzz(func(t *testing.T, glob, s string) {
		if len(glob) > 40 || len(s) > 40 {
			return
		}
		expr := regexp.QuoteMeta(glob)
		expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `[^:]*`), `\?`, `[^:]`)
		re, err := regexp.Compile(`(?s)\A` + expr + `\z`)
		if err != nil || !isASCII(s) || !isASCII(glob) {
			return
		}
		if got := globMatch(glob, s); got != re.MatchString(s) {
			t.Errorf("globMatch(%q, %q) = %v", glob, s, got)
		}
	})
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 126 }) < 0 }

func BenchmarkAllowsRedirect(b *testing.B) {
	m := newMatcher(b, "http://127.0.0.1:54992", "https://*.example.com")
	for b.Loop() {
		m.AllowsRedirect("https://x.example.com/dash?x=1")
	}
}

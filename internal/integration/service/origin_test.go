package service_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// targets are the parameters that send a browser elsewhere, with the error for a place that is not trusted.
var targets = map[string]string{
	"callbackURL": "INVALID_CALLBACK_URL", "redirectTo": "INVALID_REDIRECT_URL",
	"errorCallbackURL": "INVALID_ERROR_CALLBACK_URL", "newUserCallbackURL": "INVALID_NEW_USER_CALLBACK_URL",
}

// pathOf returns the path of an endpoint with something in the place of its parameter.
func pathOf(e authent.Endpoint) string {
	return regexp.MustCompile(`:\w+`).ReplaceAllString(e.Path, "something")
}

// everything configures a service that has all endpoints, with a provider.
func everything(t *testing.T) func(*authent.Config) {
	t.Helper()
	g := newGitLab(t)
	return func(c *authent.Config) {
		withGitLab(g)(c)
		c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true}
	}
}

// GHSA-36rg-gfq2-3h56, CVE-2025-53535: the targets of some routes were not checked. Every route, every parameter, in the
// query and in the body (ASVS 5.0, 3.7.2).
func TestGHSA_36rg_EveryRouteChecksItsTargets(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		sent := len(s.mail.all())
		for _, e := range s.auth.Endpoints() {
			for name, code := range targets {
				for _, target := range evil {
					path := pathOf(e) + query(name, target)
					if e.Method == http.MethodGet {
						b.get(t, path).refused(t, 403, code)
						continue
					}
					b.post(t, path, object{}).refused(t, 403, code)
					b.post(t, pathOf(e), object{name: target}).refused(t, 403, code)
				}
				// Of several values each one is checked.
				path := pathOf(e) + query(name, "/fine") + "&" + name + "=" + "https://evil.example"
				must(b.try(e.Method, path, nil))(t).refused(t, 403, code)
			}
			if e.Form {
				form := s.browser()
				form.header.Set("Content-Type", "application/x-www-form-urlencoded")
				form.post(t, pathOf(e), "callbackURL=https://evil.example&email=x@example.com").refused(t, 403, "INVALID_CALLBACK_URL")
			}
		}
		if n := len(s.mail.all()); n != sent {
			t.Errorf("%d mails were sent", n-sent)
		}
		// Names in other cases, and values that are no text, lead nowhere.
		ask := func(body string) string {
			t.Helper()
			b.post(t, "/request-password-reset", body).ok(t)
			return s.mail.last(t, authent.MailResetPassword, "ann@example.com").URL
		}
		for _, body := range []string{
			`{"email":"ann@example.com","RedirectTo":"https://evil.example"}`,
			`{"email":"ann@example.com","redirectTo":"https://evil.example","redirectTo":""}`,
		} {
			if link := ask(body); strings.Contains(link, "evil") {
				t.Errorf("%s leads to %s", body, link)
			}
		}
		b.post(t, "/request-password-reset", `{"email":"ann@example.com","redirectTo":["https://evil.example"]}`).refused(t, 400, "VALIDATION_ERROR")
	})
}

// GHSA-hjpm-7mrm-26w8, CVE-2025-27143: a target without scheme passed for a path of this site.
func TestGHSA_hjpm_TargetsWithoutScheme(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		b.post(t, "/send-verification-email", object{"email": "ann@example.com"}).ok(t)
		token := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").Token
		for _, target := range []string{
			"evil.example", "www.evil.example/x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/ /evil.example",
			"/./\\evil.example", "/%09/evil.example", "/..//evil.example", "/a/..//evil.example", "/.//evil.example", "?//evil.example", "#//evil.example", ".", "..//evil.example",
			":evil.example", "http:evil.example", "https:/evil.example", "http:///evil.example", "/\u2215evil.example", "/\uff0fevil.example",
		} {
			a := b.get(t, "/verify-email"+query("token", token, "callbackURL", target)).refused(t, 403, "INVALID_CALLBACK_URL")
			if got := a.header.Get("Location"); got != "" {
				t.Errorf("%q leads to %q", target, got)
			}
		}
		b.get(t, "/verify-email"+query("token", token, "callbackURL", "/a/b?c=d")).redirects(t, "/a/b?c=d")
	})
}

// GHSA-vp58-j275-797x, CVE-2025-71403: an origin that only looks like a trusted one got the token of a reset.
func TestGHSA_vp58_TrustedOriginsAreMatchedWhole(t *testing.T) {
	configure := func(c *authent.Config) {
		c.TrustedOrigins = []string{"https://*.example.org", "https://app.example.net", "myapp://"}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		token, _ := s.requestReset(t, "ann@example.com", "")
		sent := len(s.mail.all())
		for _, target := range []string{
			"https://evil.example/.example.org", "https://evil.example?.example.org", "https://evil.example#.example.org", `https://evil.example\.example.org`,
			"https://evil.example%2f.example.org", "https://evil.example%00.example.org", "https://evil.example%23.example.org", "https://evil.example:443/.example.org",
			"https://evil.example@x.example.org", "https://x.example.org@evil.example", "https://x.example.org:y@evil.example", "https://evilexample.org", "https://example.org",
			"https://x.example.org.evil.example", "https://x.example.org:8443", "https://app.example.net:8443", "https://app.example.net.evil.example", "https://app.example.net@evil.example",
			"http://app.example.net", "http://x.example.org", "https://xapp.example.net", "https://x.app.example.net", "https://app.example.net.", "https://.example.org", "https://x..example.org",
			"myapp:evil", "myapps://x", "https://x.example.org\t", " https://x.example.org", "https://x.example.org\r\nX: y", "https://[::1].example.org", "https://x\u3002example.org",
		} {
			s.browser().post(t, "/request-password-reset", object{"email": "ann@example.com", "redirectTo": target}).refused(t, 403, "INVALID_REDIRECT_URL")
			a := s.browser().get(t, "/reset-password/"+token+query("callbackURL", target)).refused(t, 403, "INVALID_CALLBACK_URL")
			if got := a.header.Get("Location"); got != "" {
				t.Errorf("%q: the token goes to %q", target, got)
			}
			b := s.browser()
			b.header.Set("Origin", target)
			if strings.TrimSpace(target) != target {
				continue // Space around the value of a header is not part of it.
			}
			if a, err := b.try(http.MethodPost, "/sign-in/email", object{"email": "ann@example.com", "password": password}); err == nil {
				a.refused(t, 403, "INVALID_ORIGIN") // Some are no header at all, which the client says.
			}
		}
		if n := len(s.mail.all()); n != sent {
			t.Errorf("%d mails were sent", n-sent)
		}
		for _, target := range []string{"https://x.example.org/r", "https://x.y.example.org/r", "https://APP.example.net/r", "https://app.example.net:443/r", "myapp://reset"} {
			s.browser().get(t, "/reset-password/"+token+query("callbackURL", target)).redirects(t, target+"?token="+token)
		}
	})
}

// A page of somebody else makes a browser send requests (ASVS 5.0, 3.5.1): with the cookies of its user every change is
// refused, and without cookies those that sign in, sign up or send mails.
func TestOriginOfEveryChange(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		for _, cookies := range []map[string]string{ann.cookies, {"theme": "dark"}} {
			for _, e := range s.auth.Endpoints() {
				if e.Method != http.MethodPost {
					continue
				}
				for _, page := range []struct {
					origin, referer, code string
				}{
					{"https://evil.example", "", "INVALID_ORIGIN"},
					{s.url + ".evil.example", "", "INVALID_ORIGIN"},
					{s.url + "0", "", "INVALID_ORIGIN"},
					{strings.Replace(s.url, "http:", "https:", 1), "", "INVALID_ORIGIN"},
					{"https://evil.example", s.url + "/", "INVALID_ORIGIN"},
					{"null", s.url + "/", "MISSING_OR_NULL_ORIGIN"},
					{"", "", "MISSING_OR_NULL_ORIGIN"},
					{"", "https://evil.example/" + s.url, "INVALID_ORIGIN"},
				} {
					b := s.browser()
					b.cookies = map[string]string{}
					for name, value := range cookies {
						b.cookies[name] = value
					}
					b.header = http.Header{}
					if page.origin != "" {
						b.header.Set("Origin", page.origin)
					}
					if page.referer != "" {
						b.header.Set("Referer", page.referer)
					}
					a := b.post(t, pathOf(e), object{}).refused(t, 403, page.code)
					if len(a.cookies) > 0 {
						t.Errorf("%s sets %v", e.Path, a.cookies)
					}
				}
			}
		}
		if !ann.signedIn(t) {
			t.Error("the session ended")
		}
		for _, path := range []string{"/sign-in/email", "/sign-up/email", "/sign-in/social", "/request-password-reset", "/send-verification-email"} {
			body := object{"name": "Bea", "email": "ann@example.com", "password": password, "provider": "gitlab"}
			b := s.browser()
			b.header.Set("Origin", "https://evil.example")
			b.post(t, path, body).refused(t, 403, "INVALID_ORIGIN")
			b.header.Set("Origin", "null")
			b.post(t, path, body).refused(t, 403, "MISSING_OR_NULL_ORIGIN")
		}
		// A browser says that it is one: then it must name where the request is from.
		for _, path := range []string{"/sign-in/email", "/sign-up/email"} {
			b := s.browser()
			b.header = http.Header{"Sec-Fetch-Mode": {"cors"}}
			b.post(t, path, object{}).refused(t, 403, "MISSING_OR_NULL_ORIGIN")
			b.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Origin": {s.url}}
			b.post(t, path, object{}).refused(t, 403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED")
		}
		// What is no browser needs no origin.
		b := s.browser()
		b.header = http.Header{}
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).ok(t)
		b = s.browser()
		b.header = http.Header{"Referer": {s.url + "/sign-in?x=https://evil.example"}}
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).ok(t)
	})
}

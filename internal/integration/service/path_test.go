package service_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// raw sends a request as it is written, which clients of HTTP would not, to a host:port.
func raw(t *testing.T, address, text string) *http.Response {
	t.Helper()
	c := must(net.Dial("tcp", address))(t)
	t.Cleanup(func() { _ = c.Close() })
	check(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	must(c.Write([]byte(text)))(t)
	res := must(http.ReadResponse(bufio.NewReader(c), nil))(t)
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// GHSA-x732-6j76-qmhm: a path with a second slash was another one for the rate limit, and the same one for the router.
func TestGHSA_x732_PathsThatLookAlike(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.RateLimit = authent.RateLimitConfig{} }, func(t *testing.T, s *server) {
		// Behind http.ServeMux, and alone.
		alone := httptest.NewServer(s.auth.Handler())
		t.Cleanup(alone.Close)
		body := `{"email":"nobody@example.com","password":"wrong horse"}`
		send := func(address, path string) *http.Response {
			t.Helper()
			return raw(t, address, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, address, len(body), body))
		}
		for name, address := range map[string]string{"mux": strings.TrimPrefix(s.url, "http://"), "alone": strings.TrimPrefix(alone.URL, "http://")} {
			for _, path := range []string{
				"/api/auth//sign-in/email", "//api/auth/sign-in/email", "/api//auth/sign-in/email", "/api/auth/sign-in//email", "/api/auth/sign-in/email/", "/api/auth/sign-in/email//",
				"/api/auth/./sign-in/email", "/api/auth/sign-in/./email", "/api/auth/x/../sign-in/email", "/api/auth/../auth/sign-in/email", "/api/auth/sign-in/email/.", "/api/auth/sign-in/email/..",
				"/api/auth/sign-in%2femail", "/api/auth%2fsign-in/email", "/api/auth/%73ign-in/email", "/api/auth/sign-in/email%00", "/api/auth/sign-in/email%20", "/api/auth/sign-in/email%2f",
				"/api/auth/sign-in/email%3Fx", "/api/auth/sign%2din/email", "/API/AUTH/sign-in/email", "/api/auth/SIGN-IN/email", "/api/auth/sign-in/Email", "/api/auth/sign-in/email;x=y",
				`/api/auth/sign-in\email`, `/api/auth\sign-in\email`, "/api/auth/sign-in/emai%6c", "/api/auth/sign-in/%2e/email", "/api/auth/%2e%2e/auth/sign-in/email", "/api/auth/sign-in/email%0d%0a",
			} {
				res := send(address, path)
				redirected := name == "mux" && (res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusTemporaryRedirect || res.StatusCode == http.StatusPermanentRedirect)
				if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest && !redirected {
					t.Errorf("%s: POST %s = %d, want 404", name, path, res.StatusCode)
				}
			}
		}
		// None of these has counted, and a query or a whole URL is no other path.
		address := strings.TrimPrefix(alone.URL, "http://")
		for i, path := range []string{"/api/auth/sign-in/email", "/api/auth/sign-in/email?x=1", "http://" + address + "/api/auth/sign-in/email", "/api/auth/sign-in/email?x=2", "/api/auth/sign-in/email?%2f"} {
			want := http.StatusUnauthorized
			if i >= 3 {
				want = http.StatusTooManyRequests
			}
			if res := send(address, path); res.StatusCode != want {
				t.Errorf("request %d to %s = %d, want %d", i+1, path, res.StatusCode, want)
			}
		}
	})
}

// GHSA-hq75-xg7r-rx6c: the answer to a path that looks like that of a file was kept by a cache, for everybody.
func TestGHSA_hq75_PathsOfFiles(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		for _, e := range s.auth.Endpoints() {
			for _, suffix := range []string{"/x.css", ".css", "%2fx.css", ";x.css", "%3bx.css", "/", "/.js", "%00.css", "%0a.css", "/..%2fx.css", "/x/y.png"} {
				if strings.Contains(e.Path, ":") && !strings.Contains(suffix, "/") && !strings.Contains(suffix, "%") {
					continue // It is the parameter.
				}
				a := must(b.try(e.Method, pathOf(e)+suffix, nil))(t)
				if a.status != http.StatusNotFound || len(a.body) > 0 || len(a.cookies) > 0 || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s%s = %d %q %v", e.Method, pathOf(e), suffix, a.status, a.body, a.header)
				}
			}
		}
	})
}

// No answer of the service may be kept, whatever becomes of the request (ASVS 5.0, 14.3.2).
func TestNoAnswerIsKept(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		ann, key := s.signUp(t, "ann"), s.browser()
		key.header.Set(keyHeader, "ag_"+strings.Repeat("x", 64))
		foreign := s.signUp(t, "bea")
		foreign.header.Set("Origin", "https://evil.example")
		statuses := map[int]int{}
		for _, e := range s.auth.Endpoints() {
			for _, b := range []*browser{s.browser(), key, foreign, ann} {
				if b == ann && (e.Path == "/sign-out" || strings.HasPrefix(e.Path, "/revoke") || strings.HasPrefix(e.Path, "/delete")) {
					continue
				}
				for _, method := range []string{e.Method, http.MethodPut, http.MethodHead, http.MethodOptions} {
					a := must(b.try(method, pathOf(e), map[string]any{http.MethodPost: object{}}[method]))(t)
					statuses[a.status]++
					if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "no-referrer" {
						t.Errorf("%s %s = %d with %v", method, pathOf(e), a.status, a.header)
					}
				}
			}
		}
		for _, want := range []int{200, 302, 400, 401, 403, 404, 405} {
			if statuses[want] == 0 {
				t.Errorf("no answer was %d: %v", want, statuses)
			}
		}
	})
}

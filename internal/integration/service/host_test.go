package service_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// GHSA-569q-mpph-wgww, CVE-2025-71401: the Host of the first request from outside became the address in the links of
// all. And what a request says of its host decides neither whether an origin is trusted nor where anything leads.
func TestGHSA_569q_HostOfTheFirstRequest(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		address := strings.TrimPrefix(s.url, "http://")
		send := func(method, path, headers, body string) *http.Response {
			t.Helper()
			return raw(t, address, fmt.Sprintf("%s %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, headers, len(body), body))
		}
		hostile := []string{
			"Host: evil.example\r\n",
			"Host: " + address + "\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n",
			"Host: " + address + "\r\nForwarded: host=evil.example;proto=https;for=127.0.0.1\r\n",
			"Host: " + address + "\r\nX-Original-Host: evil.example\r\nX-Host: evil.example\r\nX-Original-URL: /api/auth/list-sessions\r\nX-Rewrite-URL: /api/auth/list-sessions\r\n",
		}
		for _, headers := range hostile {
			for _, path := range []string{"/api/auth/ok", "/api/auth/get-session", "http://evil.example/api/auth/ok"} {
				send("GET", path, headers, "")
			}
		}
		s.signUp(t, "ann")
		for _, headers := range hostile {
			for _, origin := range []string{"http://evil.example", "https://evil.example"} {
				from := headers + "Origin: " + origin + "\r\n"
				if res := send("POST", "/api/auth/sign-in/email", from, `{"email":"ann@example.com","password":"`+password+`"}`); res.StatusCode != http.StatusForbidden {
					t.Errorf("an origin that is the request's host: %d", res.StatusCode)
				}
				if res := send("POST", "/api/auth/request-password-reset", headers, `{"email":"ann@example.com","redirectTo":"`+origin+`/r"}`); res.StatusCode != http.StatusForbidden {
					t.Errorf("a target at the request's host: %d", res.StatusCode)
				}
			}
			if res := send("POST", "/api/auth/request-password-reset", headers, `{"email":"ann@example.com","redirectTo":"/r"}`); res.StatusCode != http.StatusOK {
				t.Errorf("status %d", res.StatusCode)
			}
			m := s.mail.last(t, authent.MailResetPassword, "ann@example.com")
			if want := s.url + "/api/auth/reset-password/" + m.Token + "?callbackURL=%2Fr"; m.URL != want {
				t.Errorf("with %q the link is %s, want %s", headers, m.URL, want)
			}
			res := send("GET", "/api/auth/reset-password/"+m.Token+"?callbackURL=/r", headers, "")
			if got := res.Header.Get("Location"); got != s.url+"/r?token="+m.Token {
				t.Errorf("with %q the token goes to %s", headers, got)
			}
			res = send("POST", "/api/auth/sign-in/email", headers+"Origin: "+s.url+"\r\n", `{"email":"ann@example.com","password":"`+password+`"}`)
			if c := res.Header.Get("Set-Cookie"); strings.Contains(c, "Secure") || strings.Contains(c, "Domain") || !strings.HasPrefix(c, "better-auth.session_token=") {
				t.Errorf("with %q the cookie is %s", headers, c)
			}
		}
		b := s.signIn(t, "ann")
		claims := part(t, b.get(t, "/token").ok(t).field(t, "token"), 1)
		if !strings.Contains(claims, `"iss":"`+s.url+`"`) || strings.Contains(claims, "evil") {
			t.Errorf("claims %s", claims)
		}
	})
}

// Requests with a hostile Host while others are under way: no request sees what another one said.
func TestHostOfARequestUnderWay(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		address := strings.TrimPrefix(s.url, "http://")
		statuses := race(16, func(i int) int {
			if i%2 == 0 {
				r, err := http.NewRequest(http.MethodGet, s.url+"/api/auth/get-session", nil)
				if err != nil {
					t.Error(err)
					return 0
				}
				r.Host = "evil.example"
				res, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Error(err)
					return 0
				}
				_ = res.Body.Close()
				return 0
			}
			// A body that comes in two parts, so that requests with another Host come between.
			body, write := io.Pipe()
			go func() {
				_, _ = io.WriteString(write, `{"email":"ann@example.com",`)
				_, _ = io.WriteString(write, `"password":"`+password+`"}`)
				_ = write.Close()
			}()
			r, err := http.NewRequest(http.MethodPost, "http://"+address+"/api/auth/sign-in/email", body)
			if err != nil {
				t.Error(err)
				return 0
			}
			r.Header = http.Header{"Origin": {"http://evil.example"}, "Content-Type": {"application/json"}}
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Error(err)
				return 0
			}
			_ = res.Body.Close()
			return res.StatusCode
		})
		countStatus(t, statuses, http.StatusForbidden, 8)
	})
}

// TEST and NODE_ENV=test turned the checks of the TypeScript side off, in production too. Here the environment turns
// nothing off.
func TestTestEnvironmentTurnsNothingOff(t *testing.T) {
	for _, name := range []string{"TEST", "VITEST", "CI", "GO_TEST"} {
		t.Setenv(name, "1")
	}
	for _, name := range []string{"NODE_ENV", "GO_ENV", "APP_ENV", "ENV"} {
		t.Setenv(name, "test")
	}
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			s := newServer(t, d.open(t), func(c *authent.Config) { c.RateLimit = authent.RateLimitConfig{} })
			if _, err := authent.New(s.client.AuthStore(), authent.Config{Secret: "short", BaseURL: s.url}); err == nil {
				t.Error("a weak secret is accepted")
			}
			b := s.signUp(t, "ann")
			b.post(t, "/update-user", object{"callbackURL": "https://evil.example"}).refused(t, 403, "INVALID_CALLBACK_URL")
			b.header.Set("Origin", "https://evil.example")
			b.post(t, "/update-user", object{"name": "x"}).refused(t, 403, "INVALID_ORIGIN")
			for range 3 {
				s.browser().post(t, "/sign-in/email", object{"email": "x", "password": "x"}).refused(t, 400, "INVALID_EMAIL")
			}
			s.browser().post(t, "/sign-in/email", object{"email": "x", "password": "x"}).refused(t, 429, "")
		})
	}
}

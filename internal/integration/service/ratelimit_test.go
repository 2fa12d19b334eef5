package service_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// limited configures the limits of production, with proxies on this machine.
func limited(proxies ...string) func(*authent.Config) {
	return func(c *authent.Config) {
		c.RateLimit = authent.RateLimitConfig{}
		c.TrustedProxies = proxies
	}
}

// guess sends a wrong password with headers, and returns the answer.
func (s *server) guess(t *testing.T, header http.Header) *answer {
	t.Helper()
	b := s.browser()
	for name, values := range header {
		b.header[name] = values
	}
	return b.post(t, "/sign-in/email", object{"email": "nobody@example.com", "password": "wrong horse"})
}

// GHSA-p6v2-xcpg-h6xw, CVE-2026-45364: one client counted as many, by the spelling of its address or by the addresses that
// everybody has in a /64 (ASVS 5.0, 15.3.4).
func TestGHSA_p6v2_OneClientOneCount(t *testing.T) {
	onEach(t, limited("127.0.0.1"), func(t *testing.T, s *server) {
		for name, spellings := range map[string][]string{
			"IPv6": {
				"2001:db8:1:2::1", "2001:0db8:0001:0002:0000:0000:0000:0001", "2001:DB8:1:2::ffff", "[2001:db8:1:2::3]:1234", "[2001:db8:1:2::3]", "2001:db8:1:2:aaaa:bbbb:cccc:dddd",
				"2001:db8:1:2::5%eth0", " 2001:db8:1:2::6 ", "2001:db8:1:2:0:0:1.2.3.4",
			},
			"IPv4": {"192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207", "0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7:4711", "[::ffff:192.0.2.7]:80"},
		} {
			for i, address := range spellings {
				want := http.StatusUnauthorized
				if i >= 3 {
					want = http.StatusTooManyRequests
				}
				if a := s.guess(t, http.Header{"X-Forwarded-For": {address}}); a.status != want {
					t.Errorf("%s: request %d from %s = %d, want %d", name, i+1, address, a.status, want)
				}
			}
		}
		// Others are not held up.
		for _, address := range []string{"2001:db8:1:3::1", "192.0.2.8"} {
			if a := s.guess(t, http.Header{"X-Forwarded-For": {address}}); a.status != http.StatusUnauthorized {
				t.Errorf("%s = %d", address, a.status)
			}
		}
	})
}

// What a client says of its address counts for nothing: without trusted proxies the peer of the connection counts, behind
// them the last address that none of them has.
func TestForwardedAddressIsNotBelieved(t *testing.T) {
	onEach(t, limited(), func(t *testing.T, s *server) {
		for i := range 5 {
			fake := fmt.Sprintf("203.0.113.%d", i)
			a := s.guess(t, http.Header{"X-Forwarded-For": {fake}, "X-Real-Ip": {fake}, "Cf-Connecting-Ip": {fake}, "True-Client-Ip": {fake}, "Forwarded": {"for=" + fake}, "X-Client-Ip": {fake}})
			if want := map[bool]int{true: 401, false: 429}[i < 3]; a.status != want {
				t.Errorf("request %d = %d, want %d", i+1, a.status, want)
			}
		}
	})
	t.Run("behind proxies", func(t *testing.T) {
		onEach(t, limited("127.0.0.1", "10.0.0.0/8"), func(t *testing.T, s *server) {
			lists := [][]string{
				{"203.0.113.1, 192.0.2.9"}, {"203.0.113.2", "192.0.2.9"}, {"203.0.113.3, 10.1.2.3, 192.0.2.9, 10.9.9.9"},
				{"203.0.113.4,192.0.2.9,10.0.0.1"}, {"<script>, 192.0.2.9"}, {strings.Repeat("203.0.113.5, ", 40) + "192.0.2.9"},
			}
			for i, list := range lists {
				if want := map[bool]int{true: 401, false: 429}[i < 3]; s.guess(t, http.Header{"X-Forwarded-For": list}).status != want {
					t.Errorf("request %d with %q is not %d", i+1, list, want)
				}
			}
			// What is no address: the proxy itself counts.
			for i, list := range [][]string{{"unknown"}, {""}, {"_hidden, 10.0.0.1"}, {"999.1.1.1"}, {"evil\x80"}} {
				a := s.guess(t, http.Header{"X-Forwarded-For": list})
				if a.status != 401 && a.status != 429 || i == 4 && a.status != 429 {
					t.Errorf("%q = %d", list, a.status)
				}
			}
		})
	})
}

// A client without address, such as one on a Unix socket, is limited too.
func TestRateLimitWithoutAddress(t *testing.T) {
	onEach(t, limited(), func(t *testing.T, s *server) {
		for i, peer := range []string{"@", "", "unix", "@", "not an address"} {
			r := httptest.NewRequest(http.MethodPost, "/api/auth/sign-in/email", strings.NewReader(`{"email":"x","password":"x"}`))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = peer
			w := httptest.NewRecorder()
			s.auth.Handler().ServeHTTP(w, r)
			if want := map[bool]int{true: 400, false: 429}[i < 3]; w.Code != want {
				t.Errorf("request %d from %q = %d, want %d", i+1, peer, w.Code, want)
			}
		}
	})
}

// The limit is on unless the config says otherwise, exact under concurrency, and says when to try again. Requests that
// are refused do not extend it (ASVS 5.0, 6.3.1).
func TestRaceRateLimit(t *testing.T) {
	onEach(t, limited(), func(t *testing.T, s *server) {
		statuses := race(20, func(int) int {
			a, err := s.browser().try(http.MethodPost, "/sign-in/email", object{"email": "nobody@example.com", "password": "wrong horse"})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, http.StatusUnauthorized, 3)
		countStatus(t, statuses, http.StatusTooManyRequests, 17)
		s.clock.advance(6 * time.Second)
		refused := s.guess(t, nil).is(t, 429, `{"message":"Too many requests. Please try again later."}`)
		if refused.header.Get("Retry-After") != "4" || refused.header.Get("X-Retry-After") != "4" || refused.header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", refused.header)
		}
		s.browser().get(t, "/get-session").ok(t) // Of another path nothing was counted.
		s.clock.advance(4*time.Second + time.Millisecond)
		s.guess(t, nil).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		// Every endpoint has a limit.
		for i := range 110 {
			a := s.browser().get(t, "/ok")
			if want := map[bool]int{true: 200, false: 429}[i < 100]; a.status != want {
				t.Fatalf("request %d to /ok = %d, want %d", i+1, a.status, want)
			}
		}
	})
}

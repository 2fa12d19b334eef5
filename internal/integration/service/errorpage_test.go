package service_test

import (
	"net/http"
	"strings"
	"testing"
)

// GHSA-9x4v-xfq5-m8x5: the error page showed what was in the query as HTML.
func TestGHSA_9x4v_ErrorPage(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		for _, payload := range []string{
			`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</code><iframe src=javascript:alert(1)>`, `javascript:alert(1)`,
			`{{7*7}}`, `${7*7}`, `<!--`, "\u003cscript\u003e", `+ADw-script+AD4-`, `<a href="https://evil.example">`, "\x00<script>", "x\r\nSet-Cookie: a=b", `<base href=//evil.example>`,
		} {
			for _, parameters := range []string{query("error", payload), query("error", "x", "error_description", payload), query("error", payload, "error_description", payload, "state", payload)} {
				a := must(s.browser().try(http.MethodGet, "/error"+parameters, nil))(t)
				if strings.Contains(payload, "\x00") {
					a.refused(t, 400, "VALIDATION_ERROR")
					continue
				}
				page := strings.ReplaceAll(string(a.ok(t).body), s.url, "") // Its port may have any digits.
				for _, part := range []string{"<script", "<img", "<svg", "<iframe", "<a href=\"https://evil", "<base", "<!--", "onerror=alert(1)>", "49"} {
					if strings.Contains(page, part) {
						t.Errorf("%s: the page has %s", parameters, part)
					}
				}
				policy := a.header.Get("Content-Security-Policy")
				if !strings.HasPrefix(policy, "default-src 'none'; frame-ancestors 'none'") || a.header.Get("X-Content-Type-Options") != "nosniff" ||
					a.header.Get("Content-Type") != "text/html; charset=utf-8" || len(a.cookies) > 0 {
					t.Errorf("headers %v", a.header)
				}
			}
		}
		if page := s.browser().get(t, "/error?error=state_mismatch&error_description=It+is+late").ok(t); !strings.Contains(string(page.body), "state_mismatch") || !strings.Contains(string(page.body), "It is late") {
			t.Errorf("the page is %s", page.body)
		}
	})
}

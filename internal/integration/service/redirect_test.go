package service_test

import (
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// evil are URLs that have led, in systems like this one, to a site of somebody else.
var evil = []string{
	"https://evil.example", "//evil.example", `/\evil.example`, "\t//evil.example", "/\t/evil.example", "https:evil.example", "/%2f%2fevil.example",
	"/%5cevil.example", "/x\r\nSet-Cookie: a=b", "javascript:alert(1)", "data:text/html,x", "https://evil。example", "http://127.0.0.1@evil.example",
	"http://127.0.0.1.evil.example", "evil.example", "@evil.example", "///evil.example",
}

// GHSA-8jhw-6pjj-8723, GHSA-hjpm-7mrm-26w8, GHSA-36rg-gfq2-3h56, GHSA-vp58-j275-797x: no parameter leads elsewhere.
func TestGHSA_8jhw_OpenRedirect(t *testing.T) {
	configure := func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }
	onEach(t, configure, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		token, _ := s.requestReset(t, "ann@example.com", "")
		sent := len(s.mail.all())
		for _, target := range append(evil, s.url+".evil.example", s.url+"@evil.example") {
			for _, path := range []string{"/verify-email", "/delete-user/callback", "/reset-password/" + token} {
				b.get(t, path+query("token", "x", "callbackURL", target)).refused(t, 403, "INVALID_CALLBACK_URL")
			}
			for _, path := range []string{"/send-verification-email", "/change-email", "/delete-user"} {
				body := object{"email": "ann@example.com", "newEmail": "two@example.com", "callbackURL": target}
				b.post(t, path, body).refused(t, 403, "INVALID_CALLBACK_URL")
			}
			b.post(t, "/request-password-reset", object{"email": "ann@example.com", "redirectTo": target}).refused(t, 403, "INVALID_REDIRECT_URL")
		}
		if n := len(s.mail.all()); n != sent {
			t.Errorf("%d mails with a link elsewhere were sent", n-sent)
		}
	})
}

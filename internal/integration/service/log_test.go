package service_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// secrets are what clients sent and got that nobody else may see.
type secrets struct {
	mu     sync.Mutex
	values map[string]string // What it is, by its text.
}

// secretNames are the members of bodies, and the parameters of queries, that are secret.
var secretNames = map[string]bool{
	"token": true, "key": true, "password": true, "newPassword": true, "currentPassword": true, "accessToken": true, "refreshToken": true, "idToken": true, "code": true, "state": true,
	"code_challenge": true,
}

func (s *secrets) add(what, value string) {
	const enough = 8 // Shorter texts may be in the log by chance.
	if len(value) < enough {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[value] = what
	if plain, err := url.QueryUnescape(value); err == nil {
		s.values[plain] = what
	}
}

func (s *secrets) ofRequest(r *http.Request, body any) {
	for _, c := range r.Cookies() {
		s.add("cookie "+c.Name, c.Value)
	}
	s.add("Authorization", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	s.add("API key", r.Header.Get(keyHeader))
	s.ofQuery(r.URL)
	if encoded, err := json.Marshal(body); err == nil {
		s.ofJSON(encoded)
	}
}

func (s *secrets) ofQuery(u *url.URL) {
	for name, values := range u.Query() {
		for _, v := range values {
			if secretNames[name] {
				s.add("parameter "+name, v)
			}
		}
	}
}

func (s *secrets) ofResponse(r *http.Response, body []byte) {
	for _, c := range r.Cookies() {
		s.add("cookie "+c.Name, c.Value)
	}
	for _, name := range []string{"Set-Auth-Token", "Set-Auth-Jwt"} {
		s.add("header "+name, r.Header.Get(name))
	}
	if u, err := url.Parse(r.Header.Get("Location")); err == nil {
		s.ofQuery(u)
	}
	s.ofJSON(body)
}

func (s *secrets) ofJSON(text []byte) {
	var v any
	if json.Unmarshal(text, &v) == nil {
		s.walk(v)
	}
}

func (s *secrets) walk(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if text, ok := member.(string); ok && secretNames[name] {
				s.add("member "+name, text)
			}
			s.walk(member)
		}
	case []any:
		for _, element := range v {
			s.walk(element)
		}
	}
}

// checkLog fails the test if a secret is in the log of the server: one of a request, an answer, a mail, a row or the
// config.
func (s *server) checkLog(t *testing.T) {
	t.Helper()
	store, ctx := s.client.AuthStore(), t.Context()
	for _, a := range must(store.Accounts().Find(ctx, authent.Query{}))(t) {
		for _, text := range []*string{a.Password, a.AccessToken, a.RefreshToken, a.IDToken} {
			if text != nil {
				s.known.add("secret of an account", *text)
			}
		}
	}
	for _, k := range must(store.APIKeys().Find(ctx, authent.Query{}))(t) {
		s.known.add("hash of a key", k.Hash)
	}
	for _, k := range must(store.JWKS().Find(ctx, authent.Query{}))(t) {
		s.known.add("private key", k.PrivateKey)
	}
	for _, v := range must(store.Verifications().Find(ctx, authent.Query{}))(t) {
		s.known.add("verification", v.Identifier)
	}
	s.checkLogOfRequests(t)
	if len(s.log.String()) == 0 || len(s.known.values) < 3 {
		t.Fatalf("%d bytes of log and %d secrets: what was tested?", len(s.log.String()), len(s.known.values))
	}
}

// checkLogOfRequests fails the test if a secret of a request, an answer or a mail, or that of the config, is in the log. It is
// called for every server of every test.
func (s *server) checkLogOfRequests(t *testing.T) {
	t.Helper()
	for _, m := range s.mail.all() {
		s.known.add("token of a mail", m.Token)
	}
	s.known.add("secret", secret)
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	log := s.log.String()
	for text, what := range s.known.values {
		if strings.Contains(log, text) {
			t.Errorf("a secret is in the log: %s", what)
		}
	}
}

// What clients send that is no request, no token and no JSON, to every endpoint: it is refused with an error of the client,
// and nothing of it is in the log (ASVS 5.0, 16.2.5). The TypeScript side answers much of it with 500 and no body.
func TestNonsenseIsRefusedAndNotLogged(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		ann.get(t, "/get-session").ok(t)
		bodies := []string{
			"", "{", "[]", "null", "5", `"x"`, `{"a":`, "\xff\xfe", `{"email":5,"password":{},"token":[],"name":null,"newPassword":true,"id":1.5,"data":"x","permissions":[1],"role":{}}`,
			`{"email":"\u0000@example.com","password":"\u0000","token":"\u0000","name":"\u0000","organizationId":"\u0000","slug":"\u0000","keyId":"\u0000","invitationId":"\u0000","memberId":"\u0000","role":"\u0000"}`,
			`{"email":"\ud800","token":"\ud800","name":"\ud800","slug":"\ud800"}`, strings.Repeat("[", 100000), `{"a":` + strings.Repeat(`{"a":`, 20000), `{"name":1e999,"limit":1e999,"expiresIn":1e999}`,
			`{"__proto__":{"x":1},"constructor":{"prototype":{}}}`, `{"token":"` + strings.Repeat("s3cret-", 1000) + `"}`,
		}
		header := map[string][]string{
			"Authorization": {"Bearer", "Bearer ", "Bearer a.b.c", "Bearer \x80\xff", "Basic eDp5", "bearer " + strings.Repeat("x", 5000), "Bearer ..", "Bearer %", "Bearer %00", " ", "ApiKey"},
			"Cookie":        {cookieName + "=", cookieName, "=", ";;;", cookieName + "=%", cookieName + "=%zz.%", cookieName + "=\"", cookieName + "=" + strings.Repeat("y", 5000), "\x80=\xff"},
			keyHeader:       {"ag_\x80", strings.Repeat("z", 5000), "%00", " ", "ag_" + strings.Repeat("\u00e9", 64)},
			"Content-Type":  {"", "application/json; charset", "text/plain", "multipart/form-data; boundary=x", ";", "application/json\x80", "application/x-www-form-urlencoded"},
		}
		queries := []string{"", "?%", "?token=%00&id=%00&code=%00&state=%00", "?limit=x&offset=-1&sortBy=x&membersLimit=x", "?a=b;c=d", "?token=" + strings.Repeat("t0ken-", 500), "?id=1&id=2&token=1&token=2", "?\xff=\xfe",
			"?token=%ff&id=%ff&code=%ff&state=%ff&organizationId=%ff&organizationSlug=%ff&userId=%ff&accountId=%ff&filterField=role&filterValue=%ff&email=%ff&callbackURL=/%ff",
			"?token=%ff&id=%ff&code=%ff&state=%ff&organizationId=%ff&organizationSlug=%ff&userId=%ff&accountId=%ff&filterField=role&filterValue=%ff",
		}
		attempt := func(b *browser, e authent.Endpoint, query string, body any) {
			t.Helper()
			a, err := b.try(e.Method, pathOf(e)+query, body)
			if err != nil {
				return // The client refuses to send it.
			}
			if a.status >= 500 {
				t.Errorf("%s %s%.100s with %.200v, %v = %d %s", e.Method, e.Path, query, body, b.header, a.status, a.body)
			}
		}
		for _, e := range s.auth.Endpoints() {
			if e.Path == "/sign-out" || strings.HasPrefix(e.Path, "/revoke") || e.Path == "/delete-user" {
				continue // They end the session, as they must; their inputs are those of others.
			}
			for _, query := range queries {
				attempt(ann, e, query, nil)
			}
			if e.Method == http.MethodPost {
				for _, body := range bodies {
					attempt(ann, e, "", body)
				}
			}
			for name, values := range header {
				for _, value := range values {
					b := s.browser()
					b.header[name] = []string{value}
					var body any
					if e.Method == http.MethodPost {
						body = "{}"
					}
					attempt(b, e, "", body)
				}
			}
		}
		form := s.browser()
		form.header.Set("Content-Type", "application/x-www-form-urlencoded")
		form.post(t, "/sign-up/email", "name=%ff%00&email=x%ff@example.com&password=long+enough").refused(t, 400, "VALIDATION_ERROR")
		form.post(t, "/sign-up/email", "name=%ff%fe&email=form@example.com&password=long+enough%ff").ok(t)
		form.post(t, "/sign-in/email", "email=form@example.com&password=long+enough%ff").ok(t)
		if !ann.signedIn(t) {
			t.Error("the session ended")
		}
		for _, part := range []string{"s3cret-s3cret", "t0ken-t0ken", "xxxxxxxx", "yyyyyyyy", "zzzzzzzz"} {
			if strings.Contains(s.log.String(), part) {
				t.Errorf("%s is in the log", part)
			}
		}
	})
}

package service_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// What a client may not set is not set by sending it (ASVS 5.0, 15.3.3): by sign-up, update-user and update-session, by the
// profile of an account elsewhere, and by organizations.
func TestMassAssignment(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		theirs := object{
			"id": "chosen", "emailVerified": true, "email_verified": true, "role": "admin", "banned": false, "createdAt": "2000-01-01T00:00:00.000Z", "updatedAt": "2000-01-01T00:00:00.000Z",
			"userId": "chosen", "token": "chosen", "expiresAt": "2099-01-01T00:00:00.000Z", "ipAddress": "chosen", "userAgent": "chosen", "__proto__": object{"emailVerified": true},
			"sessions": []any{}, "accounts": []any{object{"providerId": "x"}}, "members": []any{object{"role": "owner"}}, "status": "accepted", "inviterId": "chosen",
		}
		with := func(own object) object {
			for name, value := range theirs {
				if _, ok := own[name]; !ok {
					own[name] = value
				}
			}
			return own
		}
		wrong := func(what string, body []byte) {
			t.Helper()
			for _, part := range []string{"chosen", "2000-01-01", "2099-01-01", `"emailVerified":true`, `"admin"`, `"accepted"`} {
				if strings.Contains(string(body), part) {
					t.Errorf("%s: %s is in %s", what, part, body)
				}
			}
		}
		b := s.browser()
		wrong("sign-up", b.post(t, "/sign-up/email", with(object{"name": "Ann", "email": "ann@example.com", "password": password})).ok(t).body)
		b.post(t, "/update-user", with(object{"name": "Ann"})).ok(t)
		b.post(t, "/update-session", with(object{})).is(t, 400, `{"message":"No fields to update"}`)
		wrong("the session", b.get(t, "/get-session").ok(t).body)
		id := b.post(t, "/organization/create", with(object{"name": "Acme", "slug": "acme"})).ok(t)
		wrong("the organization", id.body)
		wrong("the update", b.post(t, "/organization/update", object{"data": with(object{"name": "New"})}).ok(t).body)
		wrong("the invitation", b.post(t, "/organization/invite-member", with(object{"email": "bea@example.com", "role": "member"})).ok(t).body)
		if rows := s.rows(t, ""); strings.Contains(rows, "chosen") || strings.Count(rows, "\nmember ") != 1 {
			t.Errorf("rows:\n%s", rows)
		}
		// The profile of an account elsewhere fills name, address and image, and nothing else.
		c := s.browser()
		c.get(t, callback(c.startSocial(t, "/sign-in/social"), code("77", "Cid", "cid@example.com", false))).redirects(t, "/welcome")
		wrong("the profile", c.get(t, "/get-session").ok(t).body)
	})
}

// Optional inputs take null, as clients send it for what is not there.
func TestOptionalInputsTakeNull(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		tried := 0
		for _, e := range s.auth.Endpoints() {
			if e.Method != http.MethodPost || e.Input == nil || e.Path == "/delete-user" {
				continue
			}
			for _, field := range reflect.VisibleFields(e.Input) {
				name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
				if name == "" || name == "-" || !strings.Contains(options, "omitempty") && field.Type.Kind() != reflect.Pointer || field.Tag.Get("in") != "" {
					continue
				}
				tried++
				a := b.post(t, pathOf(e), object{name: nil})
				if strings.Contains(string(a.body), "body."+name+"]") || a.status >= 500 {
					t.Errorf("%s with %s null = %d %s", e.Path, name, a.status, a.body)
				}
			}
		}
		if tried < 30 {
			t.Errorf("only %d inputs were tried", tried)
		}
		b.post(t, "/sign-up/email", object{"name": "x", "email": "x@example.com", "password": password, "image": nil, "callbackURL": nil, "rememberMe": nil}).ok(t)
	})
}

// What clients of the TypeScript side may send is checked as there, also what is of no use here.
func TestInputsOfTheTypeScriptSide(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		b, keys := s.signUp(t, "ann"), s.signUp(t, "bob")
		keyID := keys.post(t, "/api-key/create", object{"name": "ci"}).ok(t).field(t, "id")
		// Without a body, an endpoint that takes one does nothing, whoever calls it.
		for _, path := range []string{"/update-user", "/update-session", "/delete-user", "/sign-up/email", "/api-key/create", "/organization/set-active", "/organization/create"} {
			for _, caller := range []*browser{s.browser(), b} {
				want := map[string]string{"/update-user": "record", "/update-session": "record", "/sign-up/email": "object, received undefined; [body] Invalid input: expected record"}[path]
				if want == "" {
					want = "object"
				}
				caller.post(t, path, nil).is(t, 400, `{"message":"[body] Invalid input: expected `+want+`, received undefined","code":"VALIDATION_ERROR"}`)
			}
		}
		b.post(t, "/organization/create", "[]").is(t, 400, `{"message":"[body] Invalid input: expected object, received array","code":"VALIDATION_ERROR"}`)
		if n := s.client.Verification.Query().CountX(t.Context()) + len(s.mail.all()); n != 0 {
			t.Errorf("%d mails and verifications", n)
		}
		for path, body := range map[string]object{
			"/sign-in/social provider":                    {"provider": 1},
			"/link-social provider":                       {},
			"/sign-in/social scopes: expected array":      {"provider": "gitlab", "scopes": "api"},
			"/sign-in/social scopes.0: expected string":   {"provider": "gitlab", "scopes": []any{1}},
			"/link-social scopes: expected array":         {"provider": "gitlab", "scopes": "api"},
			"/sign-in/social additionalData: expected r":  {"provider": "gitlab", "additionalData": "x"},
			"/link-social additionalData: expected r":     {"provider": "gitlab", "additionalData": []any{}},
			"/sign-in/social idToken.token: expected s":   {"provider": "gitlab", "idToken": object{}},
			"/refresh-token userId: expected string":      {"providerId": "gitlab", "userId": 1},
			"/get-access-token userId: expected string":   {"providerId": "gitlab", "userId": 1},
			"/callback/gitlab device_id: expected string": {"device_id": 1},
			"/callback/gitlab user: expected string":      {"user": object{}},
			"/organization/invite-member teamId":          {"email": "x@example.com", "role": "member", "teamId": 1},
			"/organization/update data.name: expected s":  {"data": object{"name": 1}},
			"/api-key/create configId: expected string":   {"configId": 1},
			"/api-key/update configId: expected string":   {"keyId": keyID, "name": "x", "configId": 1},
			"/api-key/delete configId: expected string":   {"keyId": keyID, "configId": 1},
		} {
			path, field, _ := strings.Cut(path, " ")
			field, problem, _ := strings.Cut(field, ": ")
			want := `{"message":"[body.` + field + `] Invalid input`
			if problem != "" {
				want += ": " + problem
			}
			if a := keys.post(t, path, body); a.status != 400 || !strings.HasPrefix(string(a.body), want) {
				t.Errorf("%s %v = %d %s, want 400 %s", path, body, a.status, a.body, want)
			}
		}
		// To take the permissions of a key away is for servers too, however it is said.
		keys.post(t, "/api-key/update", object{"keyId": keyID, "permissions": nil}).refused(t, 400, "SERVER_ONLY_PROPERTY")

		// A byte order mark is no part of the JSON, and a type without a body is none.
		b.post(t, "/update-user", "\ufeff"+`{"name":"Anne"}`).is(t, 200, `{"status":true}`)
		b.header.Set("Content-Type", "application/x-www-form-urlencoded")
		b.post(t, "/sign-out", "").is(t, 200, `{"success":true}`)
		b.post(t, "/sign-out", "a=b").refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")
	})
}

// A provider's form reaches the callback with all of it, as does what is in the query.
func TestCallbackOfAForm(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		b := s.browser()
		b.header.Del("Origin")
		b.header.Set("Content-Type", "application/x-www-form-urlencoded")
		to := s.url + "/api/auth/callback/gitlab"
		b.post(t, "/callback/gitlab?state=s", query("code", "c d", "device_id", "1", "user", `{"name":"Ann"}`)[1:]).
			redirects(t, to+"?code=c+d&device_id=1&state=s&user=%7B%22name%22%3A%22Ann%22%7D")
		b.post(t, "/callback/gitlab?code=theirs", "code=mine").redirects(t, to+"?code=mine")
		b.post(t, "/callback/gitlab?user=&state=s", "code=&error=100%").redirects(t, to+"?code=&error=100%25&state=s&user=")
		b.post(t, "/callback/gitlab", "").redirects(t, to+"?")
	})
}

// Nothing that is stored, or sent back in a header, has any length (quirk 17 of the TypeScript side).
func TestSizes(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		long := func(n int) string { return strings.Repeat("x", n) }
		sign := func(name, email, pass string) *answer {
			t.Helper()
			return s.browser().post(t, "/sign-up/email", object{"name": name, "email": email, "password": pass})
		}
		sign(long(1025), "x@example.com", password).refused(t, 400, "VALIDATION_ERROR")
		sign("x", long(65)+"@example.com", password).refused(t, 400, "VALIDATION_ERROR")
		sign("x", "x@"+strings.Repeat("a.", 126)+"com", password).refused(t, 400, "VALIDATION_ERROR")
		sign("x", "x@example.com", long(129)).refused(t, 400, "PASSWORD_TOO_LONG")
		sign("x", "x@example.com", long(900000)).refused(t, 400, "PASSWORD_TOO_LONG")
		sign(long(2<<20), "x@example.com", password).refused(t, 413, "BODY_TOO_LARGE")
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": long(900000)}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		b.post(t, "/update-user", object{"name": long(1025)}).refused(t, 400, "VALIDATION_ERROR")
		b.post(t, "/update-user", object{"image": "https://x.example/" + long(4096)}).refused(t, 400, "VALIDATION_ERROR")
		for _, body := range []object{{"name": long(256), "slug": "s"}, {"name": "n", "slug": long(256)}, {"name": "n", "slug": "s", "logo": long(4097)}, {"name": "n", "slug": "s", "metadata": object{"a": long(65536)}}} {
			b.post(t, "/organization/create", body).refused(t, 400, "VALIDATION_ERROR")
		}
		b.post(t, "/api-key/create", object{"metadata": object{"a": long(65536)}}).refused(t, 400, "VALIDATION_ERROR")
		b.post(t, "/request-password-reset", object{"email": "ann@example.com", "redirectTo": "/" + long(9000)}).refused(t, 403, "INVALID_REDIRECT_URL")
		b.header.Set("User-Agent", long(5000))
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).ok(t)
		for _, row := range s.client.Session.Query().AllX(t.Context()) {
			if row.UserAgent != nil && len(*row.UserAgent) > 1024 {
				t.Errorf("a user agent of %d bytes is stored", len(*row.UserAgent))
			}
		}
		if n := s.client.User.Query().CountX(t.Context()) + s.client.Organization.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d rows, want the user alone", n)
		}
	})
}

// An answer of any length arrives whole, and lists have all rows: the TypeScript side sends 16 KiB and 100 rows.
func TestMoreThanAHundredRows(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		id := b.userID(t)
		for i := range 120 {
			s.client.Organization.Create().SetName(fmt.Sprint(i)).SetSlug(fmt.Sprintf("organization-%d", i)).SaveX(t.Context())
			s.newKey(t, authent.CreateAPIKeyInput{UserID: id, Name: ptr(fmt.Sprint(i))})
		}
		for _, o := range s.client.Organization.Query().AllX(t.Context()) {
			s.client.Member.Create().SetOrganizationID(o.ID).SetUserID(id).SetRole("member").SaveX(t.Context())
		}
		var organizations []any
		a := b.get(t, "/organization/list").ok(t)
		if a.decode(t, &organizations); len(organizations) != 120 || len(a.body) < 16<<10 {
			t.Errorf("%d organizations in %d bytes", len(organizations), len(a.body))
		}
		var keys authent.ListAPIKeysOutput
		a = b.get(t, "/api-key/list").ok(t)
		if a.decode(t, &keys); len(keys.APIKeys) != 120 || keys.Total != 120 || len(a.body) < 16<<10 {
			t.Errorf("%d of %d keys in %d bytes", len(keys.APIKeys), keys.Total, len(a.body))
		}
	})
}

package service_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	_ "github.com/agentuity/auth-go/internal/integration/hard/ent/runtime" // Its hooks and defaults.
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
)

// hardServer is a service on a client whose users have fields of all kinds.
type hardServer struct {
	*server
	client     *hard.Client
	statements atomic.Int64
}

// onEachHard runs a test on a server of each database, with and without a secondary storage.
func onEachHard(t *testing.T, test func(t *testing.T, s *hardServer, stored bool)) {
	t.Helper()
	t.Parallel()
	for _, d := range databases {
		for _, stored := range []bool{false, true} {
			name := d.name
			if stored {
				name += "/storage"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := &hardServer{}
				h.client = hard.NewClient(hard.Driver(dialect.DebugWithContext(d.open(t), func(context.Context, ...any) { h.statements.Add(1) })))
				check(t, h.client.Schema.Create(t.Context()))
				h.server = serve(t, h.client.AuthStore(), func(c *authent.Config) {
					if stored {
						c.Session.Storage = newMemory()
					}
				})
				test(t, h, stored)
			})
		}
	}
}

// seen returns what a handler behind middleware has of the sender of a request.
func seen(t *testing.T, middleware func(http.Handler) http.Handler, header map[string]string) *hard.User {
	t.Helper()
	var got *hard.User
	called := false
	h := middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called, got = true, hard.UserFromContext(r.Context())
		if again := hard.UserFromContext(r.Context()); again != got {
			t.Error("the second call gives another user")
		}
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !called {
		t.Fatalf("the request was answered with %d %s", w.Code, w.Body)
	}
	return got
}

func TestUserFromContext(t *testing.T) {
	onEachHard(t, func(t *testing.T, s *hardServer, stored bool) {
		ctx := t.Context()
		session := s.auth.RequireSession()
		ada := s.signUp(t, "ada")
		friend := must(s.client.User.Create().SetName("Grace").SetEmail("grace@example.com").Save(ctx))(t)
		// After the sign-up, of which the storage has the user without the fields of the app.
		id := ada.userID(t)
		s.client.User.UpdateOneID(id).
			SetInput("a text").SetNickname("countess").SetPhone("555").SetPin("1234").SetSettings(map[string]int{"size": 3}).
			AddFriends(friend).ExecX(ctx)
		ada.post(t, "/update-user", object{"name": "Ada"}).ok(t)
		cookie := map[string]string{"Cookie": "better-auth.session_token=" + ada.cookies["better-auth.session_token"]}
		key := must(s.auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{UserID: id}))(t).Key

		want := must(s.client.User.Get(ctx, id))(t)
		for _, test := range []struct {
			name       string
			middleware func(http.Handler) http.Handler
			header     map[string]string
			stored     bool // The user comes from the storage.
		}{
			{"cookie", session, cookie, stored},
			{"bearer", session, map[string]string{"Authorization": "Bearer " + ada.get(t, "/get-session").field(t, "session.token")}, stored},
			{"optional", s.auth.OptionalSession(), cookie, stored},
			{"API key", s.auth.RequireAPIKey(), map[string]string{keyHeader: key}, false},
		} {
			before := s.statements.Load()
			got := seen(t, test.middleware, test.header)
			statements := s.statements.Load() - before
			switch {
			case got == nil:
				t.Fatalf("%s: nobody", test.name)
			case got.ID != id || got.Name != "Ada" || got.Email != want.Email || !got.CreatedAt.Equal(want.CreatedAt) || !got.UpdatedAt.Equal(want.UpdatedAt):
				t.Errorf("%s: got %v, want %v", test.name, got, want)
			case got.Input != "a text" || got.Nickname == nil || *got.Nickname != "countess" || got.Settings["size"] != 3:
				t.Errorf("%s: the app's own fields are %q, %v and %v", test.name, got.Input, got.Nickname, got.Settings)
			case got.Pin != "":
				t.Errorf("%s: the secret %q is there", test.name, got.Pin)
			case !test.stored && got.Phone != "555", test.stored && got.Phone != "":
				t.Errorf("%s: the sensitive field is %q", test.name, got.Phone)
			}
			// One statement reads a session and its user; none where the storage has both.
			if limit := map[bool]int64{true: 0, false: 1}[test.stored]; test.name != "API key" && statements != limit {
				t.Errorf("%s: %d statements, want %d", test.name, statements, limit)
			}
			if names := must(got.QueryFriends().Select(user.FieldName).Strings(ctx))(t); len(names) != 1 || names[0] != "Grace" {
				t.Errorf("%s: the friends are %q", test.name, names)
			}
		}
		if changed := must(seen(t, session, cookie).Update().SetInput("another").Save(ctx))(t); changed.ID != id || changed.Input != "another" {
			t.Errorf("the user was not updated: %v", changed)
		}

		if got := seen(t, s.auth.OptionalSession(), nil); got != nil {
			t.Errorf("nobody is %v", got)
		}
		if got := hard.UserFromContext(ctx); got != nil {
			t.Errorf("a context without request is of %v", got)
		}
	})
}

// A nillable field that is NULL is nil however the user came here.
func TestUserFromContextNull(t *testing.T) {
	onEachHard(t, func(t *testing.T, s *hardServer, _ bool) {
		ada := s.signUp(t, "ada")
		cookie := map[string]string{"Cookie": "better-auth.session_token=" + ada.cookies["better-auth.session_token"]}
		got := seen(t, s.auth.RequireSession(), cookie)
		if got == nil || got.Nickname != nil || got.Input != "" || got.Settings != nil || got.Image != nil {
			t.Errorf("got %v", got)
		}
		if answer := ada.get(t, "/get-session"); answer.field(t, "user.nickname") != "" {
			t.Errorf("get-session says %s", answer.body)
		}
	})
}

// Somebody whom a job or a test acts for, whether or not the user was read.
func TestUserFromContextWithIdentity(t *testing.T) {
	onEachHard(t, func(t *testing.T, s *hardServer, _ bool) {
		ctx := t.Context()
		out := must(s.auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: password}))(t)
		made := &authent.User{ID: out.User.ID, Name: "Ada", Extra: map[string]any{"nickname": "countess", "input": "a text"}}
		for name, u := range map[string]*authent.User{"of a sign-up": out.User, "made up": made} {
			acting := s.auth.WithIdentity(ctx, &authent.Identity{User: u, Session: &authent.Session{UserID: u.ID}, Method: authent.MethodSession})
			got := hard.UserFromContext(acting)
			if got == nil || got.ID != out.User.ID || got.Name != "Ada" {
				t.Fatalf("%s: got %v", name, got)
			}
			if u == made && (got.Nickname == nil || *got.Nickname != "countess" || got.Input != "a text") {
				t.Errorf("%s: got %v", name, got)
			}
			// The transaction of the sign-up has ended.
			if n := must(got.QuerySessions().Count(ctx))(t); n != 1 {
				t.Errorf("%s: %d sessions, want 1", name, n)
			}
		}
		if got := hard.UserFromContext(s.auth.WithIdentity(ctx, nil)); got != nil {
			t.Errorf("nobody is %v", got)
		}
	})
}

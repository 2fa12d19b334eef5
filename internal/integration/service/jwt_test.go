package service_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/internal/jwks"
	"github.com/agentuity/auth-go/internal/sealed"
)

// part returns a decoded part of a token.
func part(t *testing.T, token string, i int) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token %q has not three parts", token)
	}
	return string(must(base64.RawURLEncoding.DecodeString(parts[i]))(t))
}

func TestJWT(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		session := b.get(t, "/get-session").ok(t)
		if got := session.header.Get("Access-Control-Expose-Headers"); got != "set-auth-jwt" {
			t.Errorf("exposed headers %q", got)
		}
		b.get(t, "/jwks").ok(t)
		rows := s.client.JWKS.Query().IncludeSecrets().AllX(t.Context())
		if len(rows) != 1 || len(rows[0].PrivateKey) != 340 || rows[0].ExpiresAt != nil || len(rows[0].ID) != 32 {
			t.Fatalf("rows of jwks: %v", rows)
		}
		var public struct{ X string }
		check(t, json.Unmarshal([]byte(rows[0].PublicKey), &public))
		s.browser().get(t, "/jwks").is(t, 200, `{"keys":[{"alg":"EdDSA","crv":"Ed25519","x":"`+public.X+`","kty":"OKP","kid":"`+rows[0].ID+`"}]}`)
		s.browser().get(t, "/token").refused(t, 401, "UNAUTHORIZED")

		now := s.clock.Now().Unix()
		for where, token := range map[string]string{"header": session.header.Get("Set-Auth-Jwt"), "token": b.get(t, "/token").ok(t).field(t, "token")} {
			if got := part(t, token, 0); got != `{"alg":"EdDSA","kid":"`+rows[0].ID+`"}` {
				t.Errorf("%s: header %s", where, got)
			}
			want := must(json.Marshal(now))(t)
			exp := must(json.Marshal(now + 900))(t)
			claims := `{"iat":` + string(want) + `,"sub":"` + session.field(t, "user.id") + `","email":"alice@example.com","name":"alice","emailVerified":false,` +
				`"createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z","sessionId":"` + session.field(t, "session.id") +
				`","activeOrganizationId":null,"exp":` + string(exp) + `,"iss":"` + s.url + `","aud":"` + s.url + `"}`
			if got := part(t, token, 1); got != claims {
				t.Errorf("%s: claims %s, want %s", where, got, claims)
			}
			got := must(s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: token}))(t)
			if got["sub"] != session.field(t, "user.id") {
				t.Errorf("%s: VerifyJWT = %v", where, got)
			}
		}
		if got := s.browser().get(t, "/get-session").ok(t).header.Get("Set-Auth-Jwt"); got != "" {
			t.Errorf("nobody got the token %s", got)
		}

		signed := must(s.auth.SignJWT(t.Context(), authent.SignJWTInput{Claims: map[string]any{"sub": "x", "foo": 1}}))(t)
		if got := must(s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: signed}))(t); got["foo"] != 1.0 || got["iss"] != s.url || got["aud"] != s.url {
			t.Errorf("VerifyJWT = %v", got)
		}
		changed := signed[:len(signed)-4] + "AAAA"
		for _, in := range []authent.VerifyJWTInput{{Token: "a.b.c"}, {Token: changed}, {}, {Token: signed, Issuer: "http://other"}, {Token: signed, Audience: "http://other"}} {
			if _, err := s.auth.VerifyJWT(t.Context(), in); !errors.Is(err, authent.ErrInvalidJWT) {
				t.Errorf("VerifyJWT(%v) = %v, want ErrInvalidJWT", in, err)
			}
		}
		s.clock.advance(901 * time.Second)
		if _, err := s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: signed}); !errors.Is(err, authent.ErrInvalidJWT) {
			t.Errorf("an expired token: %v", err)
		}
	})
}

// TestQuirkExpiredSessionGivesNoJWT: get-session answers an expired session with null, and sends no token.
func TestQuirkExpiredSessionGivesNoJWT(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		s.clock.advance(8 * 24 * time.Hour)
		a := b.get(t, "/get-session").is(t, 200, "null")
		if a.header.Get("Set-Auth-Jwt") != "" || a.cookie("session_token") == nil {
			t.Errorf("headers %v", a.header)
		}
	})
}

// TestQuirkJWTHeaderIsBounded: a user with a long name gets no header that HTTP clients refuse.
func TestQuirkJWTHeaderIsBounded(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		s.client.User.Update().SetName(strings.Repeat("x", 20000)).ExecX(t.Context())
		if got := b.get(t, "/get-session").ok(t).header.Get("Set-Auth-Jwt"); got != "" {
			t.Errorf("a header of %d bytes", len(got))
		}
		if got := b.get(t, "/token").ok(t).field(t, "token"); len(got) < 20000 {
			t.Errorf("token of %d bytes", len(got))
		}
	})
}

// TestFirstKeyIsMadeOnce: requests to several processes at the same time make one key.
func TestFirstKeyIsMadeOnce(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		servers := []*server{s, serve(t, s.client.AuthStore(), func(c *authent.Config) { c.BaseURL = s.url }), serve(t, s.client.AuthStore(), func(c *authent.Config) { c.BaseURL = s.url })}
		tokens := race(24, func(i int) string {
			token, err := servers[i%len(servers)].auth.SignJWT(context.WithoutCancel(t.Context()), authent.SignJWTInput{})
			if err != nil {
				t.Error(err)
			}
			return token
		})
		if n := s.client.JWKS.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d keys were made, want 1", n)
		}
		for _, token := range tokens {
			for _, other := range servers {
				if _, err := other.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: token}); err != nil {
					t.Errorf("a process does not accept the token of another: %v", err)
				}
			}
		}
	})
}

// TestKeyOfOthers: a key that other code adds signs after a minute at the latest, and its tokens are accepted sooner.
func TestKeyOfOthers(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		first := must(s.auth.SignJWT(t.Context(), authent.SignJWTInput{}))(t)
		s.clock.advance(10 * time.Second)
		row := must(jwks.Generate(sealed.New(secret), nil))(t)
		row.ID = "foreign"
		s.client.JWKS.Create().SetID(row.ID).SetPublicKey(row.PublicKey).SetPrivateKey(row.PrivateKey).SetCreatedAt(s.clock.Now()).ExecX(t.Context())
		signer := must(jwks.NewSigner(row, sealed.New(secret)))(t)
		foreign := must(serve(t, s.client.AuthStore(), func(c *authent.Config) { c.BaseURL, c.Now = s.url, s.clock.Now }).auth.SignJWT(t.Context(), authent.SignJWTInput{}))(t)
		if got := part(t, foreign, 0); got != `{"alg":"EdDSA","kid":"`+signer.ID()+`"}` {
			t.Errorf("a new process signs with %s", got)
		}
		if _, err := s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: foreign}); err != nil {
			t.Errorf("a token of the new key: %v", err)
		}
		s.clock.advance(time.Minute)
		if got := part(t, must(s.auth.SignJWT(t.Context(), authent.SignJWTInput{}))(t), 0); !strings.Contains(got, `"kid":"foreign"`) {
			t.Errorf("after a minute tokens have the header %s", got)
		}
		if _, err := s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: first}); err != nil {
			t.Errorf("a token of the old key: %v", err)
		}
		// A newer key under another secret cannot be used: it stops nothing.
		other := must(jwks.Generate(sealed.New(secret+"x"), nil))(t)
		s.client.JWKS.Create().SetID("other").SetPublicKey(other.PublicKey).SetPrivateKey(other.PrivateKey).SetCreatedAt(s.clock.Now().Add(time.Second)).ExecX(t.Context())
		s.clock.advance(2 * time.Minute)
		if got := part(t, must(s.auth.SignJWT(t.Context(), authent.SignJWTInput{}))(t), 0); !strings.Contains(got, `"kid":"foreign"`) {
			t.Errorf("beside a key that cannot be used tokens have the header %s", got)
		}
		if strings.Contains(s.log.String(), other.PrivateKey[1:40]) {
			t.Error("a private key is in the log")
		}
	})
}

// TestKeyOfATransaction: a key that was made in a transaction which failed is not used.
func TestKeyOfATransaction(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		tx := must(s.client.Tx(t.Context()))(t)
		lost := must(s.auth.WithStore(tx.AuthStore()).SignJWT(t.Context(), authent.SignJWTInput{}))(t)
		check(t, tx.Rollback())
		if _, err := s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: lost}); !errors.Is(err, authent.ErrInvalidJWT) {
			t.Errorf("a token of a key that is not in the table: %v", err)
		}
		if n := s.client.JWKS.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d keys, want 1", n)
		}
	})
}

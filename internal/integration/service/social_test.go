package service_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/social"
	"github.com/agentuity/auth-go/ent/account"
)

// gitLab is a GitLab: a code is the profile of who signs in. A code that names a challenge, after a "~", works with its verifier
// alone, as codes of a GitLab do.
type gitLab struct {
	*httptest.Server
	issued atomic.Int32
	broken atomic.Bool
}

func newGitLab(t *testing.T) *gitLab {
	t.Helper()
	g := &gitLab{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if g.broken.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		code := r.FormValue("code")
		if r.FormValue("grant_type") == "refresh_token" {
			_, code, _ = strings.Cut(r.FormValue("refresh_token"), ".")
		}
		code, challenge, bound := strings.Cut(code, "~")
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		wrong := bound && base64.RawURLEncoding.EncodeToString(sum[:]) != challenge
		if _, err := base64.RawURLEncoding.DecodeString(code); err != nil || wrong || code == "" || r.FormValue("client_secret") != "s" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		n := g.issued.Add(1)
		fmt.Fprintf(w, `{"access_token":"at%d.%s","refresh_token":"rt%d.%s","token_type":"Bearer","expires_in":7200,"scope":"read_user"}`, n, code, n, code)
	})
	mux.HandleFunc("GET /api/v4/user", func(w http.ResponseWriter, r *http.Request) {
		_, code, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
		profile, err := base64.RawURLEncoding.DecodeString(code)
		if err != nil || len(profile) == 0 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(profile)
	})
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	return g
}

// withGitLab configures the provider.
func withGitLab(g *gitLab) func(*authent.Config) {
	return func(c *authent.Config) {
		c.Social = []authent.Provider{social.GitLab(social.Credentials{ClientID: "c", ClientSecret: "s"}, g.URL)}
	}
}

// code returns the code of somebody.
func code(id, name, email string, verified bool) string {
	profile, _ := json.Marshal(object{"id": id, "username": name, "name": name, "email": email, "email_verified": verified, "state": "active"})
	return base64.RawURLEncoding.EncodeToString(profile)
}

// startSocial begins a sign-in and returns its state.
func (b *browser) startSocial(t *testing.T, path string) string {
	t.Helper()
	a := b.post(t, path, object{"provider": "gitlab", "callbackURL": "/dash", "newUserCallbackURL": "/welcome", "errorCallbackURL": "/oops?x=1"}).ok(t)
	u, err := url.Parse(a.field(t, "url"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/oauth/authorize" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("scope") != "read_user" ||
		q.Get("redirect_uri") != b.s.url+"/api/auth/callback/gitlab" || len(q.Get("state")) != 32 || a.header.Get("Location") != a.field(t, "url") {
		t.Fatalf("the page of the provider is %s", u)
	}
	return q.Get("state")
}

func callback(state, code string) string {
	return "/callback/gitlab" + query("code", code, "state", state)
}

func TestSocialSignIn(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		b := s.browser()
		state := b.startSocial(t, "/sign-in/social")
		b.get(t, callback(state, code("7", "Git Lab", "Git@Example.com", true))).redirects(t, "/welcome")
		session := b.get(t, "/get-session").ok(t)
		if session.field(t, "user.email") != "git@example.com" || session.field(t, "user.emailVerified") != "true" || session.field(t, "user.name") != "Git Lab" {
			t.Fatalf("signed in as %s", session.body)
		}
		// The second time it is the same user, who goes where known users go.
		other := s.browser()
		other.get(t, callback(other.startSocial(t, "/sign-in/social"), code("7", "Git Lab", "changed@example.com", false))).redirects(t, "/dash")
		if got := other.get(t, "/get-session").field(t, "user.id"); got != session.field(t, "user.id") {
			t.Fatalf("the second sign-in is of user %s", got)
		}
		token := b.post(t, "/get-access-token", object{"providerId": "gitlab"}).ok(t)
		if !strings.HasPrefix(token.field(t, "accessToken"), "at") {
			t.Fatalf("token %s", token.body)
		}
		refreshed := b.post(t, "/refresh-token", object{"providerId": "gitlab"}).ok(t)
		if refreshed.field(t, "accessToken") == token.field(t, "accessToken") || refreshed.field(t, "accountId") != "7" || refreshed.field(t, "scope") != "read_user" {
			t.Fatalf("refreshed %s", refreshed.body)
		}
		if info := b.get(t, "/account-info?accountId=7").ok(t); info.field(t, "user.id") != "7" || info.field(t, "data.username") != "Git Lab" {
			t.Fatalf("info %s", info.body)
		}
		s.signUp(t, "ada").get(t, "/account-info?accountId=7").refused(t, http.StatusBadRequest, "ACCOUNT_NOT_FOUND")
		s.browser().post(t, "/get-access-token", object{"providerId": "gitlab"}).is(t, http.StatusUnauthorized, "")
		b.post(t, "/get-access-token", object{"providerId": "nope"}).is(t, http.StatusBadRequest, `{"message":"Provider nope is not supported.","code":"PROVIDER_NOT_SUPPORTED"}`)
		b.post(t, "/sign-in/social", object{"provider": "nope"}).refused(t, http.StatusNotFound, "PROVIDER_NOT_FOUND")
		b.post(t, "/sign-in/social", object{"provider": "gitlab", "idToken": object{"token": "x"}}).refused(t, http.StatusNotFound, "ID_TOKEN_NOT_SUPPORTED")
	})
}

// TestGHSA_wxw3_q3m9_c3jr_State: a state works once, in the browser that began, for what it was made for.
func TestGHSA_wxw3_q3m9_c3jr_State(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		errorPage := s.url + "/api/auth/error?error="
		b := s.browser()
		state := b.startSocial(t, "/sign-in/social")
		good := code("8", "Eve", "eve@example.com", true)
		b.get(t, "/callback/gitlab?code="+good).redirects(t, errorPage+"state_not_found")
		b.get(t, callback("nope", good)).redirects(t, errorPage+"please_restart_the_process")
		s.browser().get(t, callback(state, good)).redirects(t, errorPage+"state_mismatch")
		other := s.browser()
		other.startSocial(t, "/sign-in/social")
		other.get(t, callback(state, good)).redirects(t, errorPage+"state_mismatch")
		// A row of another purpose is no state, whatever cookie comes with it.
		s.client.Verification.Create().SetIdentifier("reset-password:abcdefghijklmnopqrstuvwx").SetValue("a user").
			SetExpiresAt(s.clock.Now().Add(time.Hour)).SaveX(t.Context())
		b.get(t, callback("reset-password:abcdefghijklmnopqrstuvwx", good)).redirects(t, errorPage+"please_restart_the_process")
		// After all that the state still works, once.
		b.get(t, "/callback/gitlab"+query("error", "access_denied", "error_description", "no", "state", state)).
			redirects(t, "/oops?x=1&error=access_denied&error_description=no")
		b.get(t, callback(state, good)).redirects(t, errorPage+"please_restart_the_process")
		b.get(t, "/callback/gitlab?error=access_denied&error_description=100%+no;&state="+b.startSocial(t, "/sign-in/social")).
			redirects(t, "/oops?x=1&error=access_denied&error_description=100%25+no%3B")
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), "!")).redirects(t, "/oops?x=1&error=invalid_code")
		expired := b.startSocial(t, "/sign-in/social")
		s.clock.advance(10*time.Minute + time.Second)
		b.get(t, callback(expired, good)).redirects(t, errorPage+"please_restart_the_process")
		if b.signedIn(t) {
			t.Fatal("signed in without a valid callback")
		}
	})
}

// TestGHSA_g38m_r43w_p2q7_UnverifiedUser: nobody is signed in to a user whose address somebody else may have taken.
func TestGHSA_g38m_r43w_p2q7_UnverifiedUser(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		s.signUp(t, "victim") // By an attacker, with the victim's address.
		b := s.browser()
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("9", "V", "victim@example.com", true))).redirects(t, "/oops?x=1&error=account_not_linked")
		if b.signedIn(t) {
			t.Fatal("the victim is signed in to the attacker's user")
		}
		// Nor by an address that the provider has not verified.
		if _, err := s.client.User.Update().SetEmailVerified(true).Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("9", "V", "victim@example.com", false))).redirects(t, "/oops?x=1&error=account_not_linked")
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("9", "V", "victim@example.com", true))).redirects(t, "/dash")
		if !b.signedIn(t) {
			t.Fatal("both sides have verified the address: want it linked")
		}
	})
}

func TestLinkSocial(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		s.browser().post(t, "/link-social", object{"provider": "gitlab"}).refused(t, http.StatusUnauthorized, "UNAUTHORIZED")
		ada, bob := s.signUp(t, "ada"), s.signUp(t, "bob")
		ada.post(t, "/link-social", object{"provider": "gitlab", "idToken": object{"token": "x"}}).refused(t, http.StatusNotFound, "ID_TOKEN_NOT_SUPPORTED")
		ada.get(t, callback(ada.startSocial(t, "/link-social"), code("1", "A", "other@example.com", true))).redirects(t, "/oops?x=1&error=email_doesn%27t_match")
		ada.get(t, callback(ada.startSocial(t, "/link-social"), code("1", "A", "ada@example.com", false))).redirects(t, "/oops?x=1&error=unable_to_link_account")
		ada.get(t, callback(ada.startSocial(t, "/link-social"), code("1", "A", "ada@example.com", true))).redirects(t, "/dash")
		bob.get(t, callback(bob.startSocial(t, "/link-social"), code("1", "B", "bob@example.com", true))).redirects(t, "/oops?x=1&error=account_already_linked_to_different_user")
		again := s.browser()
		again.get(t, callback(again.startSocial(t, "/sign-in/social"), code("1", "A", "ada@example.com", false))).redirects(t, "/dash")
	})
}

// idTokens is a provider whose id tokens are the codes of its profiles.
type idTokens struct{ authent.Provider }

func (p idTokens) VerifyIDToken(_ context.Context, idToken, nonce string) (*authent.Profile, error) {
	var profile struct {
		ID, Name, Email string
		Verified        bool `json:"email_verified"`
	}
	text, err := base64.RawURLEncoding.DecodeString(idToken)
	if err != nil || json.Unmarshal(text, &profile) != nil || nonce != "n" {
		return nil, fmt.Errorf("%q: %w", idToken, authent.ErrProviderRefused)
	}
	return &authent.Profile{ID: profile.ID, Name: profile.Name, Email: profile.Email, EmailVerified: profile.Verified}, nil
}

// An app links with an id token at once, under the same conditions as through the page of the provider.
func TestLinkWithIDToken(t *testing.T) {
	g := newGitLab(t)
	configure := func(c *authent.Config) {
		withGitLab(g)(c)
		c.Social[0] = idTokens{c.Social[0]}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		ada, bob := s.signUp(t, "ada"), s.signUp(t, "bob")
		link := func(b *browser, token string) *answer {
			return b.post(t, "/link-social", object{"provider": "gitlab", "idToken": object{"token": token, "nonce": "n", "accessToken": "at", "expiresAt": 1}})
		}
		link(s.browser(), code("1", "A", "ada@example.com", true)).refused(t, 401, "UNAUTHORIZED")
		link(ada, "!").is(t, 401, `{"message":"Invalid token","code":"INVALID_TOKEN"}`)
		link(ada, code("1", "A", "ada@example.com", false)).is(t, 401, `{"message":"Account not linked - linking not allowed","code":"LINKING_NOT_ALLOWED"}`)
		link(ada, code("1", "A", "x@example.com", true)).is(t, 401, `{"message":"Account not linked - different emails not allowed","code":"LINKING_DIFFERENT_EMAILS_NOT_ALLOWED"}`)
		for range 2 {
			link(ada, code("1", "A", "ada@example.com", true)).is(t, 200, `{"url":"","status":true,"redirect":false}`)
		}
		link(bob, code("1", "A", "bob@example.com", true)).is(t, 417, `{"message":"Account not linked - unable to create account","code":"LINKING_FAILED"}`)
		row := s.client.Account.Query().IncludeSecrets().Where(account.ProviderID("gitlab")).OnlyX(t.Context())
		if row.UserID != ada.userID(t) || row.AccountID != "1" || row.AccessToken == nil || *row.AccessToken != "at" || row.IDToken == nil {
			t.Errorf("row %+v", row)
		}
	})
}

// TestSocialRace: of many sign-ins at one moment with a new account, one makes the user.
func TestSocialRace(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		const n = 8
		var begin, done sync.WaitGroup
		begin.Add(1)
		for range n {
			b := s.browser()
			state := b.startSocial(t, "/sign-in/social")
			done.Go(func() {
				begin.Wait()
				for range 2 { // The same state twice.
					if _, err := b.try(http.MethodGet, callback(state, code("5", "R", "race@example.com", true)), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		begin.Done()
		done.Wait()
		if users, accounts := s.client.User.Query().CountX(t.Context()), s.client.Account.Query().CountX(t.Context()); users != 1 || accounts != 1 {
			t.Fatalf("%d users, %d accounts; want one of each", users, accounts)
		}
	})
}

// TestProviderFails: a provider that is down is no refusal, and is logged without secrets.
func TestProviderFails(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		b := s.browser()
		state := b.startSocial(t, "/sign-in/social")
		g.broken.Store(true)
		defer g.broken.Store(false)
		b.get(t, callback(state, "c0de")).redirects(t, "/oops?x=1&error=internal_server_error")
		if log := s.log.String(); !strings.Contains(log, "a provider failed") || strings.Contains(log, "c0de") {
			t.Errorf("logged: %s", log)
		}
	})
}

func TestEncryptedTokens(t *testing.T) {
	g := newGitLab(t)
	onEach(t, func(c *authent.Config) { withGitLab(g)(c); c.Account.EncryptTokens = true }, func(t *testing.T, s *server) {
		b := s.browser()
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("7", "G", "git@example.com", true))).redirects(t, "/welcome")
		account := s.client.Account.Query().IncludeSecrets().OnlyX(t.Context())
		if strings.Contains(*account.AccessToken, ".") || strings.Contains(*account.RefreshToken, ".") {
			t.Fatalf("the tokens are in clear: %s", *account.AccessToken)
		}
		if token := b.post(t, "/refresh-token", object{"providerId": "gitlab"}).ok(t); !strings.HasPrefix(token.field(t, "accessToken"), "at") {
			t.Fatalf("token %s", token.body)
		}
	})
}

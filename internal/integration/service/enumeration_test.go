package service_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
)

// randomGate is a source of random bytes that can be stopped: who reads then waits.
type randomGate struct {
	mu      sync.Mutex
	waiting chan struct{}
	open    chan struct{}
}

// close makes the next read wait. It returns a channel that is closed when somebody does, and the function that lets
// them go on.
func (g *randomGate) close() (waiting <-chan struct{}, open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting, g.open = make(chan struct{}), make(chan struct{})
	done := g.open
	return g.waiting, func() { close(done) }
}

// Read implements io.Reader.
func (g *randomGate) Read(p []byte) (int, error) {
	g.mu.Lock()
	waiting, open := g.waiting, g.open
	g.waiting, g.open = nil, nil // The others go through.
	g.mu.Unlock()
	if open != nil {
		close(waiting)
		<-open
	}
	return rand.Read(p)
}

// Whether there is a user does not show in the work of an answer (ASVS 5.0, 6.3.8): a wrong password, an unknown address and a
// user without password need one hash each. There is one place for a hash, which a sign-up holds that waits for the
// salt; whoever needs a hash then is told to come again.
func TestUnknownUserCostsAHash(t *testing.T) {
	gate := &randomGate{}
	configure := func(c *authent.Config) {
		c.Random = gate
		c.Password.HashConcurrency, c.Password.HashQueue = 1, -1
	}
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			s := newServer(t, d.open(t), configure)
			s.signUp(t, "known")
			s.signUp(t, "elsewhere")
			elsewhere := s.identity(t, "elsewhere@example.com").User.ID
			s.client.Account.Delete().Where(account.UserID(elsewhere)).ExecX(t.Context())
			waiting, open := gate.close()
			var holder sync.WaitGroup
			holder.Go(func() {
				a, err := s.browser().try(http.MethodPost, "/sign-up/email", object{"name": "Holder", "email": "holder@example.com", "password": password})
				if err != nil || a.status != 200 {
					t.Errorf("the sign-up: %v %v", a, err)
				}
			})
			<-waiting
			for _, name := range []string{"known", "unknown", "elsewhere"} {
				for _, path := range []string{"/sign-in/email", "/sign-up/email"} {
					a := s.browser().post(t, path, object{"name": "x", "email": name + "@example.com", "password": "wrong horse"})
					if a.refused(t, 503, "TOO_MANY_PASSWORDS"); a.header.Get("Retry-After") == "" {
						t.Error("there is no Retry-After")
					}
				}
			}
			s.browser().get(t, "/get-session").ok(t) // What needs no hash goes on.
			open()
			holder.Wait()
			for _, name := range []string{"known", "unknown", "elsewhere"} {
				s.browser().post(t, "/sign-in/email", object{"email": name + "@example.com", "password": "wrong horse"}).
					is(t, 401, `{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}`)
			}
		})
	}
}

// The answers for a known and an unknown address are the same: the status, the body and the headers.
func TestAnswersDoNotTellOfUsers(t *testing.T) {
	configure := func(c *authent.Config) { c.Password.RequireVerification = true }
	onEach(t, configure, func(t *testing.T, s *server) {
		s.browser().post(t, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password}).ok(t)
		for path, body := range map[string]object{
			"/request-password-reset": {}, "/send-verification-email": {}, "/sign-in/email": {"password": "wrong horse"}, "/sign-up/email": {"name": "Ann", "password": "another horse"},
		} {
			known, unknown := object{"email": "ann@example.com"}, object{"email": "bea@example.com"}
			for name, value := range body {
				known[name], unknown[name] = value, value
			}
			a, b := s.browser().post(t, path, known), s.browser().post(t, path, unknown)
			one, two := string(someID.ReplaceAll(a.body, []byte("ID"))), string(someID.ReplaceAll(b.body, []byte("ID")))
			if path == "/sign-up/email" {
				two = strings.ReplaceAll(two, "bea@", "ann@")
			}
			if a.status != b.status || one != two || len(a.cookies)+len(b.cookies) > 0 || len(a.header) != len(b.header) {
				t.Errorf("%s:\nknown   %d %s %v\nunknown %d %s %v", path, a.status, one, a.header, b.status, two, b.header)
			}
		}
		// The sign-up with a known address changed nothing.
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": "another horse"}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).refused(t, 403, "EMAIL_NOT_VERIFIED")
	})
}

// The app's own fields are in the answer to a sign-up with a known address as in that to one with a new address: with what
// was sent, with their defaults, and empty.
func TestAnswersDoNotTellOfUsersByFieldsOfTheApp(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			client := hard.NewClient(hard.Driver(d.open(t)))
			check(t, client.Schema.Create(t.Context()))
			s := serve(t, client.AuthStore(), func(c *authent.Config) { c.Password.RequireVerification = true })
			sent := object{"name": "Ann", "email": "ann@example.com", "password": password}
			unknown, known := s.browser().post(t, "/sign-up/email", sent).ok(t), s.browser().post(t, "/sign-up/email", sent).ok(t)
			one, two := someID.ReplaceAll(unknown.body, []byte("ID")), someID.ReplaceAll(known.body, []byte("ID"))
			if string(one) != string(two) || !strings.Contains(string(one), `"nickname":null`) {
				t.Errorf("unknown %s\nknown   %s", one, two)
			}
		})
	}
}

package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
)

// hooks are hooks that all ask the database, in the ways that there are: through the transaction of the change, through
// the identity of the request, and through the service on the transaction.
func hooks(auth func() *authent.Auth, called *atomic.Int32) authent.Hooks {
	ask := func(ctx context.Context) error {
		called.Add(1)
		tx := ent.TxFromContext(ctx)
		if tx == nil {
			return errors.New("a hook is called outside of a transaction")
		}
		if _, err := tx.User.Query().Count(ctx); err != nil {
			return err
		}
		if _, err := auth().WithStore(tx.AuthStore()).GetSession(ctx, authent.GetSessionInput{}); err != nil {
			return err
		}
		if id := authent.FromContext(ctx); id != nil {
			if _, err := id.Org(ctx); err != nil {
				return err
			}
			if _, err := id.HasOrgRole(ctx, "owner"); err != nil {
				return err
			}
		}
		return nil
	}
	user := func(ctx context.Context, _ *authent.User) error { return ask(ctx) }
	session := func(ctx context.Context, _ *authent.User, _ *authent.Session) error { return ask(ctx) }
	return authent.Hooks{
		BeforeUserCreate: user, AfterUserCreate: user, AfterUserUpdate: user, BeforeUserDelete: user, AfterUserDelete: user,
		BeforeUserUpdate:    func(ctx context.Context, _ *authent.User, _ []authent.Change) error { return ask(ctx) },
		BeforeSessionCreate: session, AfterSessionCreate: session,
	}
}

// Every endpoint works with a pool of one connection, hooks, mails and claims that ask the database included: nothing in
// a transaction waits for a second connection.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	for _, d := range pooled {
		for _, config := range flowConfigs {
			t.Run(d.name+"/"+config.name, func(t *testing.T) {
				t.Parallel()
				var s *server
				var called atomic.Int32
				count := func(ctx context.Context) error {
					client := s.client
					if tx := ent.TxFromContext(ctx); tx != nil {
						client = tx.Client() // A hook called the service.
					}
					_, err := client.User.Query().Count(ctx)
					return err
				}
				s = newServer(t, d.open(t, 1), func(c *authent.Config) {
					config.with(g)(c)
					c.Hooks = hooks(func() *authent.Auth { return s.auth }, &called)
					mailer := c.Mailer
					c.Mailer = authent.MailerFunc(func(ctx context.Context, m authent.Message) error {
						return errors.Join(count(ctx), mailer.Send(ctx, m))
					})
					c.JWT.Claims = func(ctx context.Context, _ *authent.User, _ *authent.Session) (map[string]any, error) {
						return nil, count(ctx)
					}
					c.Organization.MayCreate = func(ctx context.Context, _ *authent.User) (bool, error) { return true, count(ctx) }
				})
				for i, f := range flows {
					if f.on() != config {
						continue
					}
					b, path, body := f.prepare(t, s, fmt.Sprintf("f%d", i))()
					a, err := b.try(f.method(), path, body)
					if err != nil {
						t.Fatalf("%s: %v: it waits for a second connection, or for itself", f.endpoint, err)
					}
					if a.status != f.want() {
						t.Errorf("%s = %d %s, want %d\n%s", f.endpoint, a.status, a.body, f.want(), s.log)
					}
				}
				if called.Load() == 0 && config != flowLimited {
					t.Error("no hook was called")
				}
			})
		}
	}
}

package service_test

import (
	"context"
	databasesql "database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
)

// A database that fails at any one statement of a flow: the answer is a 5xx error without cookie, nothing was changed,
// no token was used up, and the same request works when the database does.
func TestFaults(t *testing.T) {
	configure := func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }
	flows := []struct {
		name string
		// prepare returns the request, with a browser that sends it.
		prepare func(t *testing.T, s *server) (b *browser, method, path string, body any)
	}{
		{"sign-up", func(_ *testing.T, s *server) (*browser, string, string, any) {
			return s.browser(), http.MethodPost, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password}
		}},
		{"sign-in", func(t *testing.T, s *server) (*browser, string, string, any) {
			s.signUp(t, "ann")
			return s.browser(), http.MethodPost, "/sign-in/email", object{"email": "ann@example.com", "password": password}
		}},
		{"change-password", func(t *testing.T, s *server) (*browser, string, string, any) {
			return s.signUp(t, "ann"), http.MethodPost, "/change-password",
				object{"currentPassword": password, "newPassword": "password-2", "revokeOtherSessions": true}
		}},
		{"reset-password", func(t *testing.T, s *server) (*browser, string, string, any) {
			s.signUp(t, "ann")
			token, _ := s.requestReset(t, "ann@example.com", "")
			return s.browser(), http.MethodPost, "/reset-password", object{"newPassword": "password-2", "token": token}
		}},
		{"change-email", func(t *testing.T, s *server) (*browser, string, string, any) {
			b := s.signUp(t, "ann")
			b.post(t, "/change-email", object{"newEmail": "two@example.com"}).ok(t)
			return s.browser(), http.MethodGet, "/verify-email?token=" + s.mail.last(t, authent.MailVerifyChange, "two@example.com").Token, nil
		}},
		{"delete-user", func(t *testing.T, s *server) (*browser, string, string, any) {
			b := s.signUp(t, "ann")
			b.post(t, "/delete-user", object{}).ok(t)
			return b, http.MethodPost, "/delete-user", object{"token": s.mail.last(t, authent.MailDeleteUser, "ann@example.com").Token}
		}},
		{"update-user", func(t *testing.T, s *server) (*browser, string, string, any) {
			return s.signUp(t, "ann"), http.MethodPost, "/update-user", object{"name": "Alice"}
		}},
		{"revoke-sessions", func(t *testing.T, s *server) (*browser, string, string, any) {
			return s.signUp(t, "ann"), http.MethodPost, "/revoke-sessions", object{}
		}},
	}
	t.Parallel()
	for _, d := range databases {
		for _, flow := range flows {
			t.Run(d.name+"/"+flow.name, func(t *testing.T) {
				t.Parallel()
				faults := &faultyDriver{Driver: d.open(t)}
				s := newServer(t, faults, configure)
				b, method, path, body := flow.prepare(t, s)
				before := s.rows(t)
				for n := 1; ; n++ {
					if n > 100 {
						t.Fatal("the flow has no end")
					}
					faults.failAt(n)
					a, err := b.try(method, path, body)
					failed := faults.stop()
					if err != nil {
						t.Fatal(err)
					}
					if !failed {
						a.ok(t)
						if n < 3 {
							t.Errorf("the flow has %d statements: what was tested?", n-1)
						}
						break
					}
					if a.status < 500 || len(a.cookies) > 0 || strings.Contains(string(a.body), errFault.Error()) {
						t.Errorf("statement %d failed: %d %s, cookies %v", n, a.status, a.body, a.cookies)
					}
					if after := s.rows(t); after != before {
						t.Fatalf("statement %d failed:\nthe rows are %s\nthey were     %s", n, after, before)
					}
				}
				for _, secret := range []string{password, "password-2"} {
					if strings.Contains(s.log.String(), secret) {
						t.Error("a password is in the log")
					}
				}
			})
		}
	}
}

// rows returns what is in the tables of users.
func (s *server) rows(t *testing.T) string {
	t.Helper()
	store, ctx := s.client.AuthStore(), t.Context()
	var text strings.Builder
	for _, u := range must(store.Users().Find(ctx, authent.Query{}))(t) {
		fmt.Fprintf(&text, "user %s %s %s %t; ", u.ID, u.Name, u.Email, u.EmailVerified)
	}
	for _, a := range must(store.Accounts().Find(ctx, authent.Query{}))(t) {
		fmt.Fprintf(&text, "account %s %s; ", a.ID, *a.Password)
	}
	for _, row := range must(store.Sessions().Find(ctx, authent.Query{}))(t) {
		fmt.Fprintf(&text, "session %s %s; ", row.ID, row.ExpiresAt.Format(time.RFC3339))
	}
	for _, v := range must(store.Verifications().Find(ctx, authent.Query{}))(t) {
		fmt.Fprintf(&text, "verification %s; ", v.ID)
	}
	return text.String()
}

var errFault = errors.New("the disk is on fire")

// faultyDriver fails at one of the statements that it is told to count; to begin and to commit are statements too.
type faultyDriver struct {
	dialect.Driver
	mu    sync.Mutex
	left  int // Statements until the one that fails; zero if none does.
	fired bool
}

func (d *faultyDriver) failAt(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left, d.fired = n, false
}

// stop makes all work again and tells whether a statement failed.
func (d *faultyDriver) stop() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = 0
	return d.fired
}

func (d *faultyDriver) fault() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 {
		return nil
	}
	if d.left--; d.left > 0 {
		return nil
	}
	d.fired = true
	return errFault
}

// Exec implements dialect.ExecQuerier.
func (d *faultyDriver) Exec(ctx context.Context, query string, args, v any) error {
	if err := d.fault(); err != nil {
		return err
	}
	return d.Driver.Exec(ctx, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (d *faultyDriver) Query(ctx context.Context, query string, args, v any) error {
	if err := d.fault(); err != nil {
		return err
	}
	return d.Driver.Query(ctx, query, args, v)
}

// Tx implements dialect.Driver.
func (d *faultyDriver) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx is what Ent calls where a transaction has options.
func (d *faultyDriver) BeginTx(ctx context.Context, opts *databasesql.TxOptions) (dialect.Tx, error) {
	if err := d.fault(); err != nil {
		return nil, err
	}
	tx, err := d.Driver.(interface {
		BeginTx(context.Context, *entsql.TxOptions) (dialect.Tx, error)
	}).BeginTx(ctx, opts)
	return &faultyTx{tx, d}, err
}

type faultyTx struct {
	dialect.Tx
	driver *faultyDriver
}

// Exec implements dialect.ExecQuerier.
func (x *faultyTx) Exec(ctx context.Context, query string, args, v any) error {
	if err := x.driver.fault(); err != nil {
		return err
	}
	return x.Tx.Exec(ctx, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (x *faultyTx) Query(ctx context.Context, query string, args, v any) error {
	if err := x.driver.fault(); err != nil {
		return err
	}
	return x.Tx.Query(ctx, query, args, v)
}

// Commit implements driver.Tx.
func (x *faultyTx) Commit() error {
	if err := x.driver.fault(); err != nil {
		return errors.Join(err, x.Rollback())
	}
	return x.Tx.Commit()
}

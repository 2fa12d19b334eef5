package service_test

import (
	"context"
	databasesql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
)

// A database that fails at any one statement of any endpoint: the answer is a 5xx error with a code, without cookie or
// redirect, nothing was changed, counted, used up or mailed, and the same request works when the database does. A failing database is no
// denial (ASVS 5.0, 16.5.3).
func TestFaults(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	for _, d := range databases {
		for _, config := range flowConfigs {
			t.Run(d.name+"/"+config.name, func(t *testing.T) {
				t.Parallel()
				faults := &faultyDriver{Driver: d.open(t)}
				s := newServer(t, faults, config.with(g))
				for i, f := range flows {
					if f.on() == config {
						t.Run(f.endpoint, func(t *testing.T) { s.failEverywhere(t, faults, f, fmt.Sprintf("f%d", i)) })
					}
				}
				t.Run("log", func(t *testing.T) {
					if !strings.Contains(s.log.String(), errFault.Error()) {
						t.Error("the faults are not in the log")
					}
					s.checkLog(t)
				})
			})
		}
	}
}

// failEverywhere sends the request of a flow with a fault at each of its statements, and then without.
func (s *server) failEverywhere(t *testing.T, faults *faultyDriver, f flow, name string) {
	t.Helper()
	next := f.prepare(t, s, name)
	for n := 1; ; n++ {
		if n > 100 {
			t.Fatal("the flow has no end")
		}
		b, path, body := next()
		spends := f.spends
		if n == 1 {
			spends = "" // Before the first statement nothing has happened.
		}
		before, mails := s.rows(t, spends), len(s.mail.all())
		faults.failAt(n)
		a, err := b.try(f.method(), path, body)
		failed := faults.stop()
		if err != nil {
			t.Fatal(err)
		}
		if !failed {
			if a.status != f.want() {
				t.Errorf("%s %s = %d %s, want %d", f.method(), path, a.status, a.body, f.want())
			}
			if f.still != (n == 1) {
				t.Errorf("the flow has %d statements: what was tested?", n-1)
			}
			return
		}
		a.refused(t, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR")
		for _, name := range []string{"Set-Cookie", "Set-Auth-Token", "Set-Auth-Jwt", "Location"} {
			if got := a.header.Values(name); len(got) > 0 {
				t.Errorf("statement %d failed, and the answer has the header %s: %s", n, name, got)
			}
		}
		if strings.Contains(string(a.body), errFault.Error()) {
			t.Errorf("statement %d failed: the answer tells why: %s", n, a.body)
		}
		if after := s.rows(t, spends); after != before {
			t.Fatalf("statement %d failed:\n%s", n, changed(before, after))
		}
		if n := len(s.mail.all()) - mails; n > 0 {
			t.Errorf("statement %d failed, and %d mails were sent", n, n)
		}
	}
}

// Methods that have no endpoint.
func TestFaultsOfMethods(t *testing.T) {
	methods := []struct {
		name    string
		prepare func(t *testing.T, s *server) func() error
	}{
		{"VerifyAPIKey", func(t *testing.T, s *server) func() error {
			key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "ann").userID(t), Remaining: ptr(1), RateLimitMax: ptr(1)})
			return func() error {
				_, err := s.auth.VerifyAPIKey(t.Context(), authent.VerifyAPIKeyInput{Key: key.Key})
				return err
			}
		}},
		{"VerifyAPIKey, refilled", func(t *testing.T, s *server) func() error {
			key := s.newKey(t, authent.CreateAPIKeyInput{
				UserID: s.signUp(t, "ann").userID(t), Remaining: ptr(0), RefillAmount: ptr(1), RefillInterval: ptr(1000), RateLimitEnabled: ptr(false),
			})
			s.clock.advance(time.Minute)
			return func() error {
				_, err := s.auth.VerifyAPIKey(t.Context(), authent.VerifyAPIKeyInput{Key: key.Key})
				return err
			}
		}},
		{"CreateAPIKey", func(t *testing.T, s *server) func() error {
			id := s.signUp(t, "ann").userID(t)
			return func() error {
				_, err := s.auth.CreateAPIKey(t.Context(), authent.CreateAPIKeyInput{UserID: id, Remaining: ptr(1)})
				return err
			}
		}},
		{"UpdateAPIKey", func(t *testing.T, s *server) func() error {
			key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "ann").userID(t)})
			return func() error {
				_, err := s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: key.ID, Remaining: ptr(5)})
				return err
			}
		}},
		{"DeleteAllExpiredAPIKeys", func(t *testing.T, s *server) func() error {
			s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "ann").userID(t), ExpiresIn: 86400})
			s.clock.advance(48 * time.Hour)
			return func() error {
				_, err := s.auth.DeleteAllExpiredAPIKeys(t.Context())
				return err
			}
		}},
		{"AddMember", func(t *testing.T, s *server) func() error {
			owner, guest := s.signUp(t, "owner"), s.signUp(t, "guest")
			in := authent.AddMemberInput{UserID: guest.userID(t), OrganizationID: owner.newOrganization(t, "acme"), Role: []string{"member"}}
			return func() error {
				_, err := s.auth.AddMember(t.Context(), in)
				return err
			}
		}},
		{"SetPassword", func(t *testing.T, s *server) func() error {
			s.signUp(t, "ann")
			s.client.Account.Delete().ExecX(t.Context())
			ctx := s.auth.WithIdentity(t.Context(), s.identity(t, "ann@example.com"))
			return func() error {
				_, err := s.auth.SetPassword(ctx, authent.SetPasswordInput{NewPassword: "password-2"})
				return err
			}
		}},
		{"SignJWT", func(t *testing.T, s *server) func() error {
			return func() error {
				_, err := s.auth.SignJWT(t.Context(), authent.SignJWTInput{})
				return err
			}
		}},
	}
	t.Parallel()
	for _, d := range databases {
		for _, m := range methods {
			t.Run(d.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				faults := &faultyDriver{Driver: d.open(t)}
				s := newServer(t, faults, nil)
				call := m.prepare(t, s)
				before := s.rows(t, "")
				for n := 1; ; n++ {
					faults.failAt(n)
					err := call()
					if !faults.stop() {
						if err != nil || n == 1 {
							t.Errorf("without a fault, after %d with one: %v", n-1, err)
						}
						return
					}
					var known *authent.Error
					if !errors.Is(err, errFault) || errors.As(err, &known) {
						t.Errorf("statement %d failed: %v, want the error of the database", n, err)
					}
					if after := s.rows(t, ""); after != before {
						t.Fatalf("statement %d failed:\n%s", n, changed(before, after))
					}
				}
			})
		}
	}
}

// changed returns the lines that are not in both.
func changed(before, after string) string {
	var out strings.Builder
	had, has := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range had {
		if !slices.Contains(has, line) {
			out.WriteString("- " + line + "\n")
		}
	}
	for _, line := range has {
		if !slices.Contains(had, line) {
			out.WriteString("+ " + line + "\n")
		}
	}
	return out.String()
}

// rows returns what is in the tables, a row a line, without those of one table, or without the counters of API keys for
// "apikey". The keys of the table jwks are left out: which process makes them, and when, is of no account.
func (s *server) rows(t *testing.T, without string) string {
	t.Helper()
	store, ctx := s.client.AuthStore(), t.Context()
	var text strings.Builder
	add := func(table string, row any, values ...any) {
		if table == without && table != "apikey" {
			return
		}
		fmt.Fprintf(&text, "%s %s", table, must(json.Marshal(row))(t))
		for _, v := range values {
			fmt.Fprintf(&text, " %s", must(json.Marshal(v))(t))
		}
		text.WriteByte('\n')
	}
	for _, r := range must(store.Users().Find(ctx, authent.Query{}))(t) {
		add("user", r)
	}
	for _, r := range must(store.Accounts().Find(ctx, authent.Query{}))(t) {
		add("account", r, r.Password, r.AccessToken, r.RefreshToken, r.UpdatedAt)
	}
	for _, r := range must(store.Sessions().Find(ctx, authent.Query{}))(t) {
		add("session", r)
	}
	for _, r := range must(store.Verifications().Find(ctx, authent.Query{}))(t) {
		add("verification", r, r.Identifier, r.Value, r.ExpiresAt)
	}
	for _, r := range must(store.Organizations().Find(ctx, authent.Query{}))(t) {
		add("organization", r)
	}
	for _, r := range must(store.Members().Find(ctx, authent.Query{}))(t) {
		add("member", r)
	}
	for _, r := range must(store.Invitations().Find(ctx, authent.Query{}))(t) {
		add("invitation", r)
	}
	for _, r := range must(store.APIKeys().Find(ctx, authent.Query{}))(t) {
		if without == "apikey" {
			r.Remaining, r.RequestCount, r.LastRequest, r.UpdatedAt = nil, 0, nil, time.Time{}
		}
		add("apikey", r, r.Hash)
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

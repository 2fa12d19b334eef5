package pgxdriver_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// A prepared query loads its edges in its own round trip, and each statement of the tree gets
// the arguments of its placeholders.
func TestPreparedEdges(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	w := newWire(t, url)
	preparedUsers(t, open(t, url), 3)
	drv := open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1))
	client := ent.NewClient(ent.Driver(drv))
	ctx := t.Context()
	for i := range 3 {
		for _, ip := range []string{"10.0.0.1", "10.0.0.2"} {
			name := fmt.Sprint(i, "-", ip)
			client.Session.Create().SetID(name).SetToken(name).SetUserID(fmt.Sprintf("%032d", i)).SetIPAddress(ip).SetExpiresAt(time.Now()).ExecX(ctx)
		}
	}
	p, err := client.User.Query().
		Where(user.ID(param.String("id"))).
		WithSessions(func(q *ent.SessionQuery) {
			q.Where(session.IPAddress(param.String("ip"))).WithUser()
		}).
		Prepare("withSessions", "id", "ip")
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, p *ent.PreparedUser, i int, ip string) {
		t.Helper()
		id := fmt.Sprintf("%032d", i)
		u, err := p.Only(ctx, id, ip)
		if err != nil {
			t.Fatal(err)
		}
		if u.ID != id || len(u.Edges.Sessions) != 1 {
			t.Fatalf("user %q with %d sessions, want %q with 1", u.ID, len(u.Edges.Sessions), id)
		}
		s := u.Edges.Sessions[0]
		if want := fmt.Sprint(i, "-", ip); s.ID != want || s.Edges.User == nil || s.Edges.User.ID != id {
			t.Fatalf("session %q of %v, want %q of %q", s.ID, s.Edges.User, want, id)
		}
	}
	for i := range 6 { // The first runs teach the connection the statements.
		check(t, p, i%3, fmt.Sprint("10.0.0.", 1+i%2))
	}
	if got := w.count(func() { check(t, p, 1, "10.0.0.2") }); got != 1 {
		t.Errorf("%d round trips, want 1", got)
	}
	t.Run("in a transaction", func(t *testing.T) {
		tx, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		tx.Session.Delete().Where(session.ID("2-10.0.0.2")).ExecX(ctx)
		check(t, p.WithTx(tx), 2, "10.0.0.1")
		if got := w.count(func() { check(t, p.WithTx(tx), 1, "10.0.0.1") }); got != 1 {
			t.Errorf("%d round trips, want 1", got)
		}
		u, err := p.WithTx(tx).Only(context.WithoutCancel(ctx), fmt.Sprintf("%032d", 2), "10.0.0.2")
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Edges.Sessions) != 0 {
			t.Errorf("%d sessions, which the transaction deleted", len(u.Edges.Sessions))
		}
	})
}

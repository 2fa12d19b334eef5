package pgxdriver_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// preparedUsers makes n users, and returns the ways to get one: prepared, built, and written by hand.
func preparedUsers(t testing.TB, drv *pgxdriver.Driver, n int) (*ent.PreparedUser, *ent.Client, func(context.Context, string) (*ent.User, error)) {
	t.Helper()
	client := ent.NewClient(ent.Driver(drv))
	ctx := t.Context()
	if err := client.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	builders := make([]*ent.UserCreate, n)
	for i := range builders {
		builders[i] = client.User.Create().SetID(fmt.Sprintf("%032d", i)).SetName("name").SetEmail(fmt.Sprint(i, "@example.com")).SetImage("image")
	}
	client.User.CreateBulk(builders...).ExecX(ctx)
	p, err := client.User.Query().Where(user.ID(param.String("id"))).Prepare("getUserById")
	if err != nil {
		t.Fatal(err)
	}
	return p, client, handWritten(drv)
}

// handWritten returns what somebody writes for the same row.
func handWritten(drv *pgxdriver.Driver) func(context.Context, string) (*ent.User, error) {
	return func(ctx context.Context, id string) (*ent.User, error) {
		rows, err := drv.Pool().Query(ctx, `SELECT "id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt" FROM "user" WHERE "id" = $1 LIMIT 2`, id)
		if err != nil {
			return nil, err
		}
		return pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (*ent.User, error) {
			u := &ent.User{}
			var image sql.NullString
			err := row.Scan(&u.ID, &u.Name, &u.Email, &u.EmailVerified, &image, &u.CreatedAt, &u.UpdatedAt)
			if image.Valid {
				u.Image = &image.String
			}
			return u, err
		})
	}
}

// TestPreparedAllocations bounds what a prepared get costs.
func TestPreparedAllocations(t *testing.T) {
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	p, _, byHand := preparedUsers(t, drv, 3)
	ctx, id := t.Context(), fmt.Sprintf("%032d", 1)
	hand := testing.AllocsPerRun(200, func() {
		if _, err := byHand(ctx, id); err != nil {
			t.Error(err)
		}
	})
	got := testing.AllocsPerRun(200, func() {
		if _, err := p.Only(ctx, id); err != nil {
			t.Error(err)
		}
	})
	t.Logf("prepared %.0f, by hand %.0f", got, hand)
	if raceDetector {
		t.Skip("the race detector empties pools at random")
	}
	if got > 25 || got > hand {
		t.Errorf("a prepared get takes %.0f allocations, want at most 25 and at most the %.0f by hand", got, hand)
	}
}

// TestPreparedRoundTrips counts the round trips of prepared queries, in each mode.
func TestPreparedRoundTrips(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	w := newWire(t, url)
	preparedUsers(t, open(t, url), 3)
	for _, mode := range modes {
		drv := open(t, w.url, mode.opt, withoutPings(), pgxdriver.WithMaxConns(1))
		client := ent.NewClient(ent.Driver(drv))
		p, err := client.User.Query().Where(user.ID(param.String("id"))).Prepare("getUserById")
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("%032d", 2)
		for name, run := range map[string]func() error{
			"Only":  func() error { _, err := p.Only(t.Context(), id); return err },
			"All":   func() error { _, err := p.All(t.Context(), id); return err },
			"Count": func() error { _, err := p.Count(t.Context(), id); return err },
			"Exist": func() error { _, err := p.Exist(t.Context(), id); return err },
		} {
			for range 2 { // The connection learns the statement first.
				got := w.count(func() {
					if err := run(); err != nil {
						t.Error(err)
					}
				})
				_ = got
			}
			if got := w.count(func() { _ = run() }); got != 1 {
				t.Errorf("%s, %s: %d round trips, want 1", mode.name, name, got)
			}
		}
		idle(t, drv)
	}
}

// TestPreparedTreeRoundTrips counts the round trips of prepared queries with edges, whose placeholders are in the
// edges too, alone and in a transaction.
func TestPreparedTreeRoundTrips(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	w := newWire(t, url)
	preparedUsers(t, open(t, url), 3)
	drv := open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1))
	client := ent.NewClient(ent.Driver(drv))
	ctx, id := t.Context(), fmt.Sprintf("%032d", 2)
	acme := client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	other := client.Organization.Create().SetName("Other").SetSlug("other").SaveX(ctx)
	client.Member.Create().SetUserID(id).SetOrganization(acme).SetRole("owner").SaveX(ctx)
	client.Member.Create().SetUserID(id).SetOrganization(other).SetRole("member").SaveX(ctx)
	client.Session.Create().SetToken("token").SetUserID(id).SetExpiresAt(time.Now()).SaveX(ctx)

	sessions, err := client.Session.Query().Where(session.Token(param.String("token"))).WithUser().Prepare("session")
	if err != nil {
		t.Fatal(err)
	}
	users, err := client.User.Query().Where(user.ID(param.String("id"))).
		WithMembers(func(q *ent.MemberQuery) {
			q.Where(member.Role(param.String("role"))).WithOrganization(func(q *ent.OrganizationQuery) { q.Where(organization.SlugNEQ(param.String("not"))) })
		}).Prepare("user")
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(sessions *ent.PreparedSession, users *ent.PreparedUser) error{
		"session and user": func(sessions *ent.PreparedSession, _ *ent.PreparedUser) error {
			s, err := sessions.Only(ctx, "token")
			if err == nil && (s.Edges.User == nil || s.Edges.User.ID != id) {
				err = fmt.Errorf("got %v", s)
			}
			return err
		},
		"user, members and organizations": func(_ *ent.PreparedSession, users *ent.PreparedUser) error {
			for role, want := range map[string]string{"owner": acme.ID, "member": other.ID} {
				u, err := users.Only(ctx, id, role, "nothing")
				if err != nil {
					return err
				}
				if len(u.Edges.Members) != 1 || u.Edges.Members[0].Edges.Organization == nil || u.Edges.Members[0].Edges.Organization.ID != want {
					return fmt.Errorf("%s: got %v", role, u.Edges.Members)
				}
			}
			u, err := users.Only(ctx, id, "owner", "acme")
			if err == nil && u.Edges.Members[0].Edges.Organization != nil {
				err = fmt.Errorf("got %v", u.Edges.Members[0].Edges.Organization)
			}
			return err
		},
	} {
		statements := map[bool]int{true: 1, false: 3}[name == "session and user"]
		for range 4 { // The connection learns the statements first, and the driver their cost.
			if err := run(sessions, users); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got := w.count(func() { _ = run(sessions, users) }); got != statements {
			t.Errorf("%s: %d round trips, want %d", name, got, statements)
		}
		for i := range 3 {
			got := w.count(func() {
				tx, err := client.Tx(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if err := run(sessions.WithTx(tx), users.WithTx(tx)); err != nil {
					t.Errorf("%s, in a transaction: %v", name, err)
				}
				if err := tx.Commit(); err != nil {
					t.Error(err)
				}
			})
			if i == 2 && got != statements+1 {
				t.Errorf("%s, in a transaction: %d round trips, want %d", name, got, statements+1)
			}
		}
	}
	idle(t, drv)
}

// TestPreparedConcurrently runs a prepared query on many goroutines.
func TestPreparedConcurrently(t *testing.T) {
	t.Parallel()
	p, _, _ := preparedUsers(t, newDriver(t, pgxdriver.WithMaxConns(4)), 50)
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 100 {
				id := fmt.Sprintf("%032d", (g+i)%50)
				u, err := p.Only(t.Context(), id)
				if err != nil || u.ID != id || u.Image == nil || *u.Image != "image" {
					t.Errorf("got %v: %v", u, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkPrepared runs a get by id in turns: by hand, prepared, and built. "ratio" is the median to the one by hand.
func BenchmarkPrepared(b *testing.B) {
	url := pgtest.New(b)
	preparedUsers(b, open(b, url), 1000)
	for _, delay := range []time.Duration{0, 250 * time.Microsecond} {
		b.Run(fmt.Sprint("delay=", 2*delay), func(b *testing.B) {
			server := url
			if delay > 0 {
				w := newWire(b, url)
				w.delay = delay
				server = w.url
			}
			drv := open(b, server, withoutPings())
			client := ent.NewClient(ent.Driver(drv))
			p, err := client.User.Query().Where(user.ID(param.String("id"))).Prepare("getUserById")
			if err != nil {
				b.Fatal(err)
			}
			byHand := handWritten(drv)
			ways := []func(context.Context, string) (*ent.User, error){
				byHand,
				func(ctx context.Context, id string) (*ent.User, error) { return p.Only(ctx, id) },
				func(ctx context.Context, id string) (*ent.User, error) { return client.User.Get(ctx, id) },
			}
			took := make([][]time.Duration, len(ways))
			for i := 0; b.Loop(); i++ {
				id := fmt.Sprintf("%032d", i%1000)
				for k := range ways {
					k := (k + i) % len(ways)
					start := time.Now()
					if _, err := ways[k](b.Context(), id); err != nil {
						b.Fatal(err)
					}
					took[k] = append(took[k], time.Since(start))
				}
			}
			for k := range took {
				slices.Sort(took[k])
			}
			median := func(k int) float64 { return float64(took[k][len(took[k])/2]) }
			b.ReportMetric(median(0)/1000, "hand-us")
			b.ReportMetric(median(1)/median(0), "prepared-ratio")
			b.ReportMetric(median(2)/median(0), "built-ratio")
		})
	}
}

package equality_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/integration/equality/ent"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/thing"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// family is a database with users and what belongs to them, and the answers that are right.
type family struct {
	url   string
	db    *sql.DB
	stock *ent.Client
	users []string
	want  map[string]string
}

func newFamily(t *testing.T) *family {
	t.Helper()
	f := &family{url: pgtest.New(t), want: make(map[string]string)}
	f.db = openDB(t, "pgx", f.url)
	f.stock = ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, f.db)))
	ctx := t.Context()
	if err := f.stock.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		id := fmt.Sprintf("user-%02d", i)
		create := f.stock.User.Create().SetID(id).SetName(id).SetEmail(id + "@example.com").SetAge(i)
		if i > 0 {
			create.AddFriendIDs(f.users[i/2]).SetManagerID(f.users[i/3])
		}
		create.SaveX(ctx)
		f.users = append(f.users, id)
		for j := range i % 5 {
			tag := f.stock.Tag.Create().SetID(smallUUID(100*i + j)).SetName(id).SaveX(ctx)
			th := f.stock.Thing.Create().SetName(fmt.Sprint(id, " ", j)).SetData([]byte(id)).SetKey(smallUUID(j)).SetOwnerID(id).AddTags(tag).SaveX(ctx)
			f.stock.Parcel.Create().SetThing(th).SetTags([]string{id}).SaveX(ctx)
		}
	}
	for _, id := range f.users {
		want, err := f.ask(ctx, f.stock, id)
		if err != nil {
			t.Fatal(err)
		}
		f.want[id] = want
	}
	return f
}

// open opens a client on the native driver. All connections must be given back at the end.
func (f *family) open(t *testing.T, opts ...pgxdriver.OpenOption) (*ent.Client, *pgxdriver.Driver) {
	t.Helper()
	drv, err := pgxdriver.Open(t.Context(), f.url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A connection whose query was cancelled is closed in the background; its server has 15 seconds to answer.
		for deadline := time.Now().Add(20 * time.Second); drv.Pool().Stat().AcquiredConns() > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("%d connections were not given back", drv.Pool().Stat().AcquiredConns())
				break
			}
		}
		if err := drv.Close(); err != nil {
			t.Error(err)
		}
	})
	return ent.NewClient(ent.Driver(drv)), drv
}

// querier is a client or a transaction.
type querier interface{ Query() *ent.UserQuery }

// tree is a query with edges of all kinds, four levels deep.
func tree(c querier, id string) *ent.UserQuery {
	return c.Query().
		Where(user.ID(id)).
		WithFriends(func(q *ent.UserQuery) { q.Order(user.ByID()).WithManager() }).
		WithManager(func(q *ent.UserQuery) { q.WithReports(func(q *ent.UserQuery) { q.Order(user.ByID()) }) }).
		WithThings(func(q *ent.ThingQuery) {
			q.Order(thing.ByID()).WithTags().WithParcels(func(q *ent.ParcelQuery) { q.WithThing(func(q *ent.ThingQuery) { q.WithOwner() }) })
		})
}

func (f *family) ask(ctx context.Context, client *ent.Client, id string) (string, error) {
	return answer(ctx, client.User, id)
}

func answer(ctx context.Context, c querier, id string) (string, error) {
	u, err := tree(c, id).Only(ctx)
	if err != nil {
		return "", err
	}
	return newPrinter(&run{}).entity(reflect.ValueOf(u), nil), nil
}

// assertRight fails if a client gives a wrong answer or none.
func (f *family) assertRight(t *testing.T, client *ent.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, id := range f.users {
		got, err := f.ask(ctx, client, id)
		if err != nil || got != f.want[id] {
			t.Fatalf("%s: %v\n%s\nwant\n%s", id, err, got, f.want[id])
		}
	}
}

// modes are the ways to send statements.
var modes = map[string]pgxdriver.StatementCache{
	"CacheStatements":   pgxdriver.CacheStatements,
	"CacheDescriptions": pgxdriver.CacheDescriptions,
	"NoCache":           pgxdriver.NoCache,
	"SimpleProtocol":    pgxdriver.SimpleProtocol,
}

func TestModesGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			client, drv := f.open(t, pgxdriver.WithStatementCache(mode), pgxdriver.WithMaxConns(2))
			for range 3 { // Statements are met for the first time, and again.
				f.assertRight(t, client)
			}
			drv.Pool().Reset()
			f.assertRight(t, client)
		})
	}
}

// A context that is cancelled at any moment gives the right answer or its own error, and
// the connection, or another one, goes on.
func TestCancelledQueries(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			client, _ := f.open(t, pgxdriver.WithStatementCache(mode), pgxdriver.WithMaxConns(2))
			f.assertRight(t, client)
			rng := rand.New(rand.NewPCG(1, 2))
			var right, cancelled int
			for i := range 150 {
				id := f.users[i%len(f.users)]
				ctx, cancel := context.WithCancel(t.Context())
				timer := time.AfterFunc(time.Duration(rng.IntN(6000))*time.Microsecond, cancel)
				got, err := f.ask(ctx, client, id)
				timer.Stop()
				switch {
				case err == nil && got == f.want[id]:
					right++
				case errors.Is(err, context.Canceled) && ctx.Err() != nil:
					cancelled++
				default:
					t.Errorf("neither the answer nor the error of the context: %v\n%s", err, got)
				}
				cancel()
			}
			if right == 0 || cancelled == 0 {
				t.Logf("%d right answers, %d cancelled", right, cancelled)
			}
			f.assertRight(t, client)
		})
	}
}

// A transaction whose context is cancelled is rolled back as a whole.
func TestCancelledTransactions(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	client, _ := f.open(t, pgxdriver.WithMaxConns(2))
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 60 {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(rng.IntN(8000))*time.Microsecond, cancel)
		err := func() error {
			tx, err := client.Tx(ctx)
			if err != nil {
				return err
			}
			if err := tx.User.UpdateOneID(f.users[0]).SetAge(1000 + i).Exec(ctx); err != nil {
				return errors.Join(err, ignoreDone(tx.Rollback()))
			}
			if _, err := answer(ctx, tx.User, f.users[1]); err != nil {
				return errors.Join(err, ignoreDone(tx.Rollback()))
			}
			return errors.Join(context.Canceled, ignoreDone(tx.Rollback()))
		}()
		timer.Stop()
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("not the error of the context: %v", err)
		}
	}
	f.assertRight(t, client)
}

// ignoreDone ignores that the transaction has ended.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Connections that are closed by the server in the middle of queries give the right answer
// or an error, and are replaced.
func TestKilledBackends(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	named, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	query := named.Query()
	query.Set("application_name", "victim")
	named.RawQuery = query.Encode()
	killed := *f
	killed.url = named.String()
	client, _ := killed.open(t, pgxdriver.WithMaxConns(4))

	// A connection dies after each right answer, while others are in the middle of theirs, so
	// that some queries succeed and some fail however slow the machine is.
	stop, answered := make(chan struct{}), make(chan struct{}, 1)
	var killer, workers sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-answered:
			}
			time.Sleep(rand.N(2 * time.Millisecond))
			const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND datname = current_database() ORDER BY random() LIMIT 1`
			if _, err := f.db.ExecContext(t.Context(), kill); err != nil {
				t.Errorf("killing: %v", err)
			}
		}
	})
	var mu sync.Mutex
	right, failed := 0, 0
	for w := range 4 {
		workers.Go(func() {
			for i := range 60 {
				id := f.users[(i+w)%len(f.users)]
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				got, err := f.ask(ctx, client, id)
				switch {
				case err == nil && got != f.want[id]:
					t.Errorf("a wrong answer:\n%s\nwant\n%s", got, f.want[id])
				case ent.IsNotFound(err), ent.IsNotSingular(err), ent.IsConstraintError(err), ctx.Err() != nil:
					t.Errorf("a lost connection is reported as %T: %v", err, err)
				}
				cancel()
				mu.Lock()
				if err == nil {
					right++
					select {
					case answered <- struct{}{}:
					default:
					}
				} else {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	close(stop)
	killer.Wait()
	t.Logf("%d right answers, %d errors", right, failed)
	if right == 0 || failed == 0 {
		t.Error("want right answers and errors")
	}
	// Connections that were closed when the last query had ended.
	for range 5 {
		if _, err = f.ask(t.Context(), client, f.users[0]); err == nil {
			break
		}
	}
	f.assertRight(t, client)
}

// bad is a condition that fails when it is evaluated for a row.
func bad(s *entsql.Selector) {
	s.Where(entsql.P(func(b *entsql.Builder) {
		b.WriteString("1 / (length(").Ident(s.C(user.FieldName)).WriteString(") - length(").Ident(s.C(user.FieldName)).WriteString(")) = 1")
	}))
}

// A statement that fails in the middle of a pipeline gives the error that Ent's own driver
// gives, and none if there are no parents to load edges of.
func TestFailingEdges(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	queries := map[string]func(*ent.UserQuery){
		"root":       func(q *ent.UserQuery) { q.Where(bad).WithThings() },
		"first edge": func(q *ent.UserQuery) { q.WithFriends(func(q *ent.UserQuery) { q.Where(bad) }).WithThings() },
		"last edge": func(q *ent.UserQuery) {
			q.WithSessions().WithThings(func(q *ent.ThingQuery) { q.Where(bad) })
		},
		"inner edge": func(q *ent.UserQuery) {
			q.WithFriends(func(q *ent.UserQuery) { q.WithThings(func(q *ent.ThingQuery) { q.Where(bad) }) })
		},
		"no such": func(q *ent.UserQuery) {
			q.WithThings(func(q *ent.ThingQuery) {
				q.Where(func(s *entsql.Selector) { s.Where(entsql.ExprP("no_such_column = 1")) })
			})
		},
		"no parents": func(q *ent.UserQuery) {
			q.Where(user.ID("nobody")).WithFriends(func(q *ent.UserQuery) { q.Where(bad) })
		},
		"no such, no parents": func(q *ent.UserQuery) {
			q.Where(user.ID("nobody")).WithThings(func(q *ent.ThingQuery) {
				q.Where(func(s *entsql.Selector) { s.Where(entsql.ExprP("no_such_column = 1")) })
			})
		},
		"builder": func(q *ent.UserQuery) { q.WithThings(func(q *ent.ThingQuery) { q.Select("no_such_field") }) },
	}
	kindOf := func(err error) string {
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			return pg.Code + " " + pg.Message
		}
		return fmt.Sprint(err)
	}
	for mode, cache := range modes {
		client, _ := f.open(t, pgxdriver.WithStatementCache(cache), pgxdriver.WithMaxConns(1))
		for name, apply := range queries {
			t.Run(mode+"/"+name, func(t *testing.T) {
				ask := func(c querier) string {
					q := c.Query().Order(user.ByID())
					apply(q)
					all, err := q.All(t.Context())
					return fmt.Sprintf("%d %s", len(all), kindOf(err))
				}
				want := ask(f.stock.User)
				for range 3 {
					if got := ask(client.User); got != want {
						t.Errorf("got %s\nwant %s", got, want)
					}
				}
				// In a transaction, which the error ends.
				end := func(c *ent.Client) string {
					tx, err := c.Tx(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					first := ask(tx.User)
					_, err = answer(t.Context(), tx.User, f.users[1])
					second := kindOf(err)
					return first + ", " + second + ", " + fmt.Sprint(tx.Commit() != nil)
				}
				want = end(f.stock)
				if got := end(client); got != want {
					t.Errorf("in a transaction: got %s\nwant %s", got, want)
				}
				f.assertRight(t, client)
			})
		}
	}
}

// A row of an edge that cannot be read is the error that it is with Ent's own driver, wherever the edge's rows
// come, and the connection can be used again.
func TestBadRowsOfEdges(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	if _, err := f.db.ExecContext(t.Context(), `UPDATE things SET created_at = 'infinity' WHERE name LIKE '% 1'`); err != nil {
		t.Fatal(err)
	}
	client, _ := f.open(t, pgxdriver.WithMaxConns(1))
	prepared, err := client.User.Query().Where(user.IDGTE(param.String("id"))).WithThings().WithSessions().Prepare("things")
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(*ent.Client) (int, error){
		"many": func(c *ent.Client) (int, error) { return lenOf(c.User.Query().WithThings().All(t.Context())) },
		"one": func(c *ent.Client) (int, error) {
			return lenOf(c.User.Query().Where(user.ID("user-02")).WithThings().All(t.Context()))
		},
		"below": func(c *ent.Client) (int, error) {
			return lenOf(c.User.Query().WithFriends(func(q *ent.UserQuery) { q.WithThings() }).All(t.Context()))
		},
		"prepared": func(c *ent.Client) (int, error) {
			if c == client {
				return lenOf(prepared.All(t.Context(), "user"))
			}
			return lenOf(c.User.Query().Where(user.IDGTE("user")).WithThings().WithSessions().All(t.Context()))
		},
	} {
		want, wantErr := ask(f.stock)
		if wantErr == nil {
			t.Fatalf("%s: Ent reads %d", name, want)
		}
		for range 3 {
			if got, err := ask(client); got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s: got %d, %v, want %d, %v", name, got, err, want, wantErr)
			}
		}
		if n := client.User.Query().CountX(t.Context()); n != len(f.users) {
			t.Errorf("%s: %d users", name, n)
		}
	}
}

func lenOf[T any](all []T, err error) (int, error) { return len(all), err }

// With one connection nothing waits for itself.
func TestPoolOfOne(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	client, _ := f.open(t, pgxdriver.WithMaxConns(1))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			id := f.users[w%len(f.users)]
			for range 3 {
				if got, err := f.ask(ctx, client, id); err != nil || got != f.want[id] {
					t.Errorf("%v\n%s", err, got)
				}
			}
			tx, err := client.Tx(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := answer(ctx, tx.User, id); err != nil || strings.ReplaceAll(got, "ent.Tx", "") != f.want[id] {
				t.Errorf("in a transaction: %v\n%s", err, got)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.Fatal("stuck")
	}
}

// Many queries at once, each for other rows.
func TestManyPipelines(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	client, drv := f.open(t, pgxdriver.WithMaxConns(8))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 200 {
		wg.Go(func() {
			<-start
			for i := range 3 {
				id := f.users[(w+i)%len(f.users)]
				if got, err := f.ask(ctx, client, id); err != nil || got != f.want[id] {
					t.Errorf("%s: %v\n%s\nwant\n%s", id, err, got, f.want[id])
				}
			}
		})
	}
	close(start)
	wg.Wait()
	if stat := drv.Pool().Stat(); stat.AcquiredConns() != 0 || stat.TotalConns() > 8 {
		t.Errorf("%d connections are in use, %d are open", stat.AcquiredConns(), stat.TotalConns())
	}
}

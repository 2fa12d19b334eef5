package pgxdriver_test

import (
	"context"
	"strings"
	"testing"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/user"
)

// batchTracer notes what it is told of batches.
type batchTracer struct {
	tracer
	queued        int
	results, tags []string
	ends, failed  int
}

type batchKey struct{}

func (b *batchTracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	b.queued = data.Batch.Len()
	return context.WithValue(ctx, batchKey{}, true)
}

func (b *batchTracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if ctx.Value(batchKey{}) == nil {
		b.failed++
	}
	b.results = append(b.results, data.SQL)
	b.tags = append(b.tags, data.CommandTag.String())
	if data.Err != nil {
		b.failed++
	}
}

func (b *batchTracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	b.ends++
	if data.Err != nil || ctx.Value(batchKey{}) == nil {
		b.failed++
	}
}

// traced returns a client whose pool has a tracer.
func traced(t *testing.T, url string, tracer pgx.QueryTracer) *ent.Client {
	t.Helper()
	return ent.NewClient(ent.Driver(open(t, url, pgxdriver.WithMaxConns(1), pgxdriver.WithPoolConfig(func(c *pgxpool.Config) error {
		c.ConnConfig.Tracer = tracer
		return nil
	}))))
}

// TestTracePipeline checks that a tracer of the pool sees the statements of a tree.
func TestTracePipeline(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	seen := &batchTracer{}
	client := traced(t, url, seen)
	ask := func(ctx context.Context) error {
		return errOf(client.User.Query().Where(user.IDIn("u1", "u2", "u3")).
			WithSessions().WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByRole(), member.ByID()).Limit(5) }).All(ctx))
	}
	for range 3 { // The first run asks for the costs too.
		*seen = batchTracer{}
		if err := ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(seen.results, "\n"); seen.queued != 5 || len(seen.results) != seen.queued || !strings.HasPrefix(got, "begin ") ||
		!strings.Contains(got, `FROM "session"`) || !strings.Contains(got, `FROM "member"`) {
		t.Errorf("queued %d, results of\n%s", seen.queued, got)
	}
	if want := "SELECT 3"; len(seen.tags) > 1 && seen.tags[1] != want {
		t.Errorf("the root has the tag %q, want %q", seen.tags[1], want)
	}
	if seen.ends != 1 || seen.failed != 0 || len(seen.started) != 0 {
		t.Errorf("%d ends, %d failures, queries %q", seen.ends, seen.failed, seen.started)
	}

	*seen = batchTracer{}
	err := errOf(client.Organization.Query().Where(organization.NameContains("Org"), func(s *entsql.Selector) {
		s.Where(entsql.ExprP(`1 / (length("organization"."id") - length("organization"."id")) = 1`))
	}).WithMembers().WithInvitations().All(t.Context()))
	if err == nil {
		t.Fatal("no error")
	}
	if seen.ends != 1 || seen.failed == 0 {
		t.Errorf("after an error: %d ends, %d failures", seen.ends, seen.failed)
	}

	plain := &tracer{}
	client = traced(t, url, plain)
	*plain = tracer{}
	for range 2 {
		if err := ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(plain.started) != 2 || plain.ended != 2 || plain.errs != 0 || !strings.Contains(plain.started[1], `FROM "user"`) {
		t.Errorf("a tracer of queries: started %q, ended %d, errors %d", plain.started, plain.ended, plain.errs)
	}
}

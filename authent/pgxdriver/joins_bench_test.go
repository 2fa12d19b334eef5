package pgxdriver_test

import (
	"context"
	"testing"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
)

// BenchmarkJoins loads edges in one round trip, on the same driver without, and on Ent's own.
func BenchmarkJoins(b *testing.B) {
	url := newFamily(b)
	native := ent.NewClient(ent.Driver(open(b, url)))
	stock := ent.NewClient(ent.Driver(stockDriver(b, url)))
	without := pgxdriver.ContextWithJoins(context.Background(), false)
	for _, q := range []struct {
		name string
		run  func(context.Context, *ent.Client) error
	}{
		{"session+user", func(ctx context.Context, c *ent.Client) error {
			_, err := c.Session.Query().Where(session.Token("token-7")).WithUser().Only(ctx)
			return err
		}},
		{"user+members+organizations", func(ctx context.Context, c *ent.Client) error {
			_, err := c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).Only(ctx)
			return err
		}},
		{"all", func(ctx context.Context, c *ent.Client) error {
			_, err := c.User.Query().WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).WithSessions().All(ctx)
			return err
		}},
	} {
		for _, c := range []struct {
			name   string
			ctx    context.Context
			client *ent.Client
		}{{"joins", context.Background(), native}, {"without", without, native}, {"stock", context.Background(), stock}} {
			b.Run(q.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := q.run(c.ctx, c.client); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

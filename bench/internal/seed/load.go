package seed

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// table is what COPY loads into one.
type table struct {
	name    string
	columns []string
	rows    int
	row     func(i int) []any
}

func tables() []table {
	var taskProjects []int
	for p := range ProjectCount {
		_, n := projectOrganization(p)
		for range n {
			taskProjects = append(taskProjects, p)
		}
	}
	return []table{
		users(Users),
		{"organization", []string{"id", "name", "slug", "logo", "createdAt", "metadata"}, Organizations, func(i int) []any {
			return []any{id("org", i), fmt.Sprintf("Organization %d", i), fmt.Sprintf("organization-%d", i), every(i, 2, "https://example.com/logo.png"), at(i), every(i, 3, `{"plan":"pro"}`)}
		}},
		{"member", []string{"id", "organizationId", "userId", "role", "createdAt"}, Members, func(i int) []any {
			user := i % Users
			return []any{id("member", i), id("org", (user+i/Users*500)%Organizations), id("user", user), []string{"owner", "admin", "member"}[i%3], at(i)}
		}},
		{"session", []string{"id", "expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent", "userId", "activeOrganizationId"}, Sessions, func(i int) []any {
			return []any{id("session", i), at(i).AddDate(50, 0, 0), id("token", i), at(i), at(i), "127.0.0.1", every(i, 2, "Mozilla/5.0 (X11; Linux x86_64)"), id("user", i%Users), every(i, 3, id("org", i%Organizations))}
		}},
		{"project", []string{"id", "name", "owner_id", "organization_id", "created_at"}, ProjectCount, func(p int) []any {
			organization, _ := projectOrganization(p)
			return []any{id("project", p), fmt.Sprintf("Project %d", p), id("user", memberOf(organization, p*7%20)), id("org", organization), at(p)}
		}},
		{"task", []string{"id", "project_id", "title", "status", "assignee_id"}, len(taskProjects), func(i int) []any {
			return []any{id("task", i), id("project", taskProjects[i]), fmt.Sprintf("Task %d of the project", i), []string{"todo", "doing", "done"}[i%3], every(i, 2, id("user", i%Users))}
		}},
	}
}

func users(n int) table {
	return table{"user", []string{"id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "locale"}, n, func(i int) []any {
		return []any{id("user", i), fmt.Sprintf("User %d", i), fmt.Sprintf("user%d@example.com", i), i%2 == 0, every(i, 3, "https://example.com/avatar.png"), at(i), at(i), []string{"en", "de"}[i%2]}
	}}
}

// every returns value for every n-th row, and NULL for the others.
func every(i, n int, value string) any {
	if i%n != 0 {
		return nil
	}
	return value
}

// Load makes the tables of the example app in an empty database, and fills them.
func Load(ctx context.Context, url string) error { return load(ctx, url, tables()) }

// LoadGrowth makes the same tables with n projects with one task each, for measuring how
// the cost grows with rows.
func LoadGrowth(ctx context.Context, url string, n int) error {
	return load(ctx, url, []table{
		users(1_000),
		{"organization", []string{"id", "name", "slug", "createdAt"}, 1, func(i int) []any {
			return []any{id("org", i), "Organization", "organization", at(i)}
		}},
		{"project", []string{"id", "name", "owner_id", "organization_id", "created_at"}, n, func(i int) []any {
			return []any{id("project", i), fmt.Sprintf("Project %d", i), id("user", i%1_000), id("org", 0), at(i)}
		}},
		{"task", []string{"id", "project_id", "title", "status", "assignee_id"}, n, func(i int) []any {
			return []any{id("task", i), id("project", i), fmt.Sprintf("Task %d", i), "todo", nil}
		}},
	})
}

func load(ctx context.Context, url string, tables []table) error {
	drv, err := pgxdriver.Open(ctx, url)
	if err != nil {
		return err
	}
	client := ent.NewClient(ent.Driver(drv))
	defer func() { _ = client.Close() }()
	if err := client.Schema.Create(ctx); err != nil {
		return fmt.Errorf("create the tables: %w", err)
	}
	for _, t := range tables {
		start := time.Now()
		n, err := drv.Pool().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromSlice(t.rows, func(i int) ([]any, error) { return t.row(i), nil }))
		if err != nil {
			return fmt.Errorf("load %s: %w", t.name, err)
		}
		if int(n) != t.rows {
			return fmt.Errorf("load %s: %d rows after %s, want %d", t.name, n, time.Since(start), t.rows)
		}
	}
	_, err = drv.Pool().Exec(ctx, "VACUUM ANALYZE")
	return err
}

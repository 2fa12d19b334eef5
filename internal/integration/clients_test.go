package integration_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/migrate"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	_ "github.com/agentuity/auth-go/internal/integration/hard/ent/runtime"
)

// newClient returns a client over the auth tables alone.
func newClient(t *testing.T, drv dialect.Driver) *ent.Client {
	t.Helper()
	client := ent.NewClient(ent.Driver(drv))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

// newHard returns a client over the hard schema, and the statements that it sends.
func newHard(t *testing.T, drv dialect.Driver) *hardClient {
	t.Helper()
	log := &statements{}
	client := hard.NewClient(hard.Driver(dialect.DebugWithContext(drv, log.add)))
	for range 2 { // The second run changes nothing.
		log.reset()
		if err := client.Schema.Create(t.Context(), migrate.WithDropColumn(true), migrate.WithDropIndex(true)); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range log.all() {
		for _, verb := range []string{"CREATE ", "ALTER ", "DROP "} {
			if strings.Contains(statement, "query="+verb) {
				t.Errorf("the second migration changes the schema: %s", statement)
			}
		}
	}
	log.reset()
	return &hardClient{dialect: drv.Dialect(), Client: client, log: log}
}

type hardClient struct {
	dialect string
	*hard.Client
	log *statements
}

// statements records what a driver sends.
type statements struct {
	mu  sync.Mutex
	log []string
}

func (s *statements) add(_ context.Context, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arg := range args {
		if line, ok := arg.(string); ok {
			s.log = append(s.log, line)
		}
	}
}

func (s *statements) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
}

func (s *statements) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// assertNotRead fails if a statement that reads names one of the columns.
func (s *statements) assertNotRead(t *testing.T, what string, columns ...string) {
	t.Helper()
	all := s.all()
	if len(all) == 0 {
		t.Errorf("%s: no statement was sent", what)
	}
	for _, statement := range all {
		// The columns of an UPDATE or INSERT are written.
		if !strings.Contains(statement, "query=SELECT") {
			continue
		}
		for _, column := range columns {
			if strings.Contains(statement, "`"+column+"`") || strings.Contains(statement, `"`+column+`"`) {
				t.Errorf("%s reads the secret %q: %s", what, column, statement)
			}
		}
	}
	s.reset()
}

func (c *hardClient) newUser(t *testing.T, name string) *hard.User {
	t.Helper()
	return must(c.User.Create().SetName(name).SetEmail(name + "@example.com").SetPin("1234").Save(t.Context()))(t)
}

package service_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// What OpenAuth says to somebody who starts for the first time, in the order in which they meet it.
func TestOpenAuthErrors(t *testing.T) {
	t.Parallel()
	good := authent.Config{Secret: secret, BaseURL: "http://localhost:8080"}
	for name, url := range map[string]string{
		"postgres": pgtest.New(t),
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "app.db"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, test := range []struct {
				url    string
				config authent.Config
				opts   []authent.OpenOption
				want   []string
			}{
				{"", good, nil, []string{"the database URL is empty (is DATABASE_URL set?)", "sqlite:app.db"}},
				{"mysql://u:s3cr3t@localhost/x", good, nil, []string{"the database URL is not one of"}},
				{url, good, nil, []string{`table "user"`, `table "apikey"`, "authent.CreateTables()", `"authent setup"`}},
				// A wrong config is told before anything is created.
				{url, authent.Config{Secret: "short", BaseURL: "localhost"}, []authent.OpenOption{authent.CreateTables()}, []string{"Secret: it has 5 characters", "BaseURL: "}},
				{url, good, nil, []string{`table "user"`}},
			} {
				_, client, err := ent.OpenAuth(t.Context(), test.url, test.config, test.opts...)
				if err == nil {
					t.Fatalf("%s: no error, want %q", test.url, test.want)
				}
				if client != nil || strings.Contains(err.Error(), "s3cr3t") {
					t.Errorf("%s: client %v, error %v", test.url, client, err)
				}
				for _, want := range test.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s: %v, want %q", test.url, err, want)
					}
				}
			}
			_, client, err := ent.OpenAuth(t.Context(), url, good, authent.CreateTables())
			if err != nil {
				t.Fatal(err)
			}
			check(t, client.Close())
		})
	}
}

// A column that the app added, and the database does not have, is named.
func TestOpenAuthMissingColumn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "app.db")
	good := authent.Config{Secret: secret, BaseURL: "http://localhost:8080"}
	_, client, err := ent.OpenAuth(t.Context(), "sqlite:"+file, good, authent.CreateTables())
	if err != nil {
		t.Fatal(err)
	}
	check(t, client.Close())
	db := must(sql.Open("sqlite", "file:"+file))(t)
	must(db.ExecContext(t.Context(), `ALTER TABLE "user" DROP COLUMN "image"`))(t)
	check(t, db.Close())
	if _, _, err = ent.OpenAuth(t.Context(), "sqlite:"+file, good); !errors.Is(err, authent.ErrMissingTables) || !strings.Contains(err.Error(), `table "user" lacks the columns image`) {
		t.Errorf("error %v", err)
	}
}

// Who develops the app learns from the log which origin to trust, and nothing of the rest of a URL.
func TestUntrustedOriginsAreLogged(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ada")
		b.header.Set("Origin", "http://localhost:3000")
		b.post(t, "/update-user", object{"name": "Ada"}).refused(t, 403, "INVALID_ORIGIN")
		b.header.Del("Origin")
		b.header.Set("Referer", "https://front.example.com/page?token=s3cr3t")
		b.post(t, "/update-user", object{"name": "Ada"}).refused(t, 403, "INVALID_ORIGIN")
		b.header.Set("Origin", s.url)
		b.post(t, "/sign-in/email", object{"email": "a@example.com", "password": password, "callbackURL": "https://back.example.com/x?token=s3cr3t"}).refused(t, 403, "INVALID_CALLBACK_URL")
		b.post(t, "/sign-in/email", object{"email": "a@example.com", "password": password, "callbackURL": "/x?token=s3cr3t#top"}).refused(t, 403, "INVALID_CALLBACK_URL")
		log := s.log.String()
		if strings.Count(log, "Config.TrustedOrigins") != 3 || !strings.Contains(log, `behind a ? also =&%" in=callbackURL`) {
			t.Errorf("the log does not say how a path is written:\n%s", log)
		}
		for _, want := range []string{"Config.TrustedOrigins", "in=Origin origin=http://localhost:3000", "origin=https://front.example.com", "in=callbackURL origin=https://back.example.com"} {
			if !strings.Contains(log, want) {
				t.Errorf("the log does not say %q:\n%s", want, log)
			}
		}
		if strings.Contains(log, "s3cr3t") {
			t.Errorf("the log has a token:\n%s", log)
		}
	})
}

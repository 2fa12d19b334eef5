package load

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/bench/internal/canon"
	"github.com/agentuity/auth-go/mixins"
)

// A Scenario is a request that both servers answer.
type Scenario struct {
	Name    string
	Target  float64 // How many times the throughput is wanted. 0 is none.
	Request []byte
	Status  int
}

// ignored are the fields of answers that differ by design: a new session has a new token, and
// the example app's user has a column of its own.
var ignored = []string{"token", "locale"}

// Same sends the request to two servers once, and compares their answers.
func (s Scenario) Same(ctx context.Context, first, second string) error {
	var texts [2]string
	for i, address := range []string{first, second} {
		body, err := once(ctx, address, s.Request, s.Status)
		if err != nil {
			return fmt.Errorf("server at %s: %w", address, err)
		}
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return fmt.Errorf("server at %s: the answer is not JSON: %w", address, err)
		}
		texts[i] = canon.Text(v, ignored)
	}
	if texts[0] != texts[1] {
		return fmt.Errorf("the servers answer differently:\n%s\nand\n%s", texts[0], texts[1])
	}
	return nil
}

// once sends a request and returns the body of the answer.
func once(ctx context.Context, address string, request []byte, want int) ([]byte, error) {
	var body []byte
	r, err := runOnce(ctx, address, request, &body)
	if err != nil {
		return nil, err
	}
	if r != want {
		return nil, fmt.Errorf("the answer has status %d, want %d: %s", r, want, body)
	}
	return body, nil
}

const password = "correct horse battery"

// Prepare makes a user with a session, an organization with ten members and an API key, and
// returns the scenarios. The user is signed up at the server at an address, so that the
// password and the cookie are real; the rest is written into the database.
func Prepare(ctx context.Context, conn *pgx.Conn, address, public string) ([]Scenario, error) {
	host := strings.TrimPrefix(public, "http://")
	signUp, err := json.Marshal(map[string]string{"name": "Ada", "email": "ada@example.com", "password": password})
	if err != nil {
		return nil, err
	}
	cookie, err := signedUp(ctx, address, public, signUp)
	if err != nil {
		return nil, err
	}
	key, counted, err := organization(ctx, conn)
	if err != nil {
		return nil, err
	}
	get := func(path, header string) []byte {
		return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", path, host, header)
	}
	signIn := `{"email":"ada@example.com","password":"` + password + `"}`
	return []Scenario{
		{Name: "GET /api/auth/get-session, cookie", Target: 20, Request: get("/api/auth/get-session", "Cookie: "+cookie), Status: http.StatusOK},
		{Name: "GET /api/auth/get-session, anonymous", Request: get("/api/auth/get-session", "Accept: application/json"), Status: http.StatusOK},
		{Name: "an app's route with an API key", Target: 15, Request: get("/api/v1/key", "x-agentuity-auth-api-key: "+key), Status: http.StatusOK},
		{Name: "an app's route with an API key that is counted", Request: get("/api/v1/key", "x-agentuity-auth-api-key: "+counted), Status: http.StatusOK},
		{Name: "GET /api/auth/organization/get-full-organization", Target: 20, Request: get("/api/auth/organization/get-full-organization", "Cookie: "+cookie), Status: http.StatusOK},
		{
			Name: "POST /api/auth/sign-in/email", Target: 2.5, Status: http.StatusOK,
			Request: fmt.Appendf(nil, "POST /api/auth/sign-in/email HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, public, len(signIn), signIn),
		},
	}, nil
}

// signedUp signs up and returns the cookie of the session.
func signedUp(ctx context.Context, address, public string, body []byte) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/auth/sign-up/email", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", public)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	for _, c := range response.Cookies() {
		if strings.HasSuffix(c.Name, "session_token") {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("sign-up gave no session: status %d: %s", response.StatusCode, text)
}

// organization makes one for the only user, with nine more members, makes it the active one
// of the session, and returns two API keys of the user: one without limits, and one that can be used a number of times.
func organization(ctx context.Context, conn *pgx.Conn) (key, counted string, err error) {
	var user string
	if err := conn.QueryRow(ctx, `SELECT "id" FROM "user"`).Scan(&user); err != nil {
		return "", "", err
	}
	now := time.Now().Truncate(time.Millisecond)
	org := mixins.NewID()
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO "organization" ("id", "name", "slug", "createdAt") VALUES ($1, 'Acme', 'acme', $2)`, org, now)
	batch.Queue(`UPDATE "session" SET "activeOrganizationId" = $1`, org)
	for i := range 10 {
		id, role := user, "owner"
		if i > 0 {
			id, role = mixins.NewID(), "member"
			batch.Queue(`INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt") VALUES ($1, $2, $3, true, $4, $4)`,
				id, fmt.Sprintf("Member %d", i), fmt.Sprintf("member%d@example.com", i), now)
		}
		batch.Queue(`INSERT INTO "member" ("id", "organizationId", "userId", "role", "createdAt") VALUES ($1, $2, $3, $4, $5)`, mixins.NewID(), org, id, role, now.Add(time.Duration(i)*time.Second))
	}
	addKey := func(letter string, remaining *int) string {
		key := "ag_" + strings.Repeat(letter, 64)
		sum := sha256.Sum256([]byte(key))
		batch.Queue(`INSERT INTO "apikey" ("id", "name", "start", "prefix", "key", "userId", "referenceId", "rateLimitEnabled", "remaining", "createdAt", "updatedAt") VALUES ($1, 'bench', $2, 'ag_', $3, $4, $4, false, $5, $6, $6)`,
			mixins.NewID(), key[:6], base64.RawURLEncoding.EncodeToString(sum[:]), user, remaining, now)
		return key
	}
	many := 1_000_000_000
	key, counted = addKey("k", nil), addKey("c", &many)
	return key, counted, conn.SendBatch(ctx, batch).Close()
}

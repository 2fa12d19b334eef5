// Package service_test tests the auth service over HTTP on each database.
package service_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "modernc.org/sqlite" // The driver "sqlite".

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// databases are those that every behaviour is tested on.
var databases = []struct {
	name string
	open func(t *testing.T) dialect.Driver
}{
	{"postgres", openPostgres},
	{"sqlite", openSQLite},
}

func openPostgres(t *testing.T) dialect.Driver {
	t.Helper()
	return openPostgresURL(t, pgtest.New(t))
}

func openPostgresURL(t *testing.T, url string) dialect.Driver {
	t.Helper()
	drv, err := pgxdriver.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, drv.Close()) })
	return drv
}

func openSQLite(t *testing.T) dialect.Driver {
	t.Helper()
	return openSQLitePool(t, 0)
}

// openSQLitePool opens a database with a number of connections at most; zero means any.
func openSQLitePool(t *testing.T, connections int) dialect.Driver {
	t.Helper()
	file := filepath.Join(t.TempDir(), "auth.db")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate&_time_format=sqlite")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	t.Cleanup(func() { check(t, db.Close()) })
	return entsql.OpenDB(dialect.SQLite, db)
}

// pooled opens a database with a number of connections at most.
var pooled = []struct {
	name string
	open func(t *testing.T, connections int) dialect.Driver
}{
	{"postgres", func(t *testing.T, connections int) dialect.Driver {
		u := must(url.Parse(pgtest.New(t)))(t)
		q := u.Query()
		q.Set("pool_max_conns", strconv.Itoa(connections))
		u.RawQuery = q.Encode()
		return openPostgresURL(t, u.String())
	}},
	{"sqlite", openSQLitePool},
}

// onEach runs a test on a server of each database. configure may change the config or be nil.
func onEach(t *testing.T, configure func(*authent.Config), test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, newServer(t, d.open(t), configure))
		})
	}
}

// secret is the one of all servers.
const secret = "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA"

// password is the one that users of tests have.
const password = "correct horse"

// server is an auth service that listens.
type server struct {
	auth   *authent.Auth
	client *ent.Client
	clock  *clock
	mail   *mailbox
	log    *lines // What the service logs, at all levels.
	known  secrets
	url    string // Without path.
}

// newServer starts a service on a database in which it makes the tables. Without configure it sends mails, lets
// users change their address and has no rate limit.
func newServer(t *testing.T, drv dialect.Driver, configure func(*authent.Config)) *server {
	t.Helper()
	client := ent.NewClient(ent.Driver(drv))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := serve(t, client.AuthStore(), configure)
	s.client = client
	return s
}

// realHashes configures a service that hashes as it does in production. Others hash at no cost: most tests are not about hashes,
// and would spend their time on them.
func realHashes(c *authent.Config) { c.Password.HashConcurrency = runtime.GOMAXPROCS(0) }

// serve starts a service on a store.
func serve(t *testing.T, store authent.Store, configure func(*authent.Config)) *server {
	t.Helper()
	listener := httptest.NewUnstartedServer(nil)
	t.Cleanup(listener.Close)
	off := false
	s := &server{
		clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
		mail:  &mailbox{}, log: &lines{}, url: "http://" + listener.Listener.Addr().String(),
	}
	config := authent.Config{
		Secret: secret, BaseURL: s.url, Mailer: s.mail, Now: s.clock.Now,
		Logger:    slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		RateLimit: authent.RateLimitConfig{Enabled: &off},
		Email:     authent.EmailConfig{Change: true},
	}
	if configure != nil {
		configure(&config)
	}
	if hash := config.Password; hash.Hasher == nil && !hash.Argon2id && hash.HashConcurrency == 0 {
		config.Password.Hasher = quickHasher{}
	}
	auth, err := authent.New(store, config)
	if err != nil {
		t.Fatal(err)
	}
	s.auth = auth
	t.Cleanup(func() { s.checkLogOfRequests(t) })
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth.Handler())
	listener.Config.Handler = mux
	listener.Start()
	return s
}

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time of the clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// mailbox is a Mailer that keeps messages.
type mailbox struct {
	mu       sync.Mutex
	messages []authent.Message
	err      error
}

// Send keeps a message, or fails if the test wants it.
func (m *mailbox) Send(_ context.Context, message authent.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.messages = append(m.messages, message)
	return nil
}

// fail makes all that follows fail; nil ends that.
func (m *mailbox) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *mailbox) all() []authent.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]authent.Message(nil), m.messages...)
}

// last returns the newest message, which must be of a kind and to an address.
func (m *mailbox) last(t *testing.T, kind authent.MessageKind, to string) authent.Message {
	t.Helper()
	all := m.all()
	if len(all) == 0 {
		t.Fatalf("no mail was sent, want a %s to %s", kind, to)
	}
	message := all[len(all)-1]
	if message.Kind != kind || message.To != to {
		t.Fatalf("the last mail is a %s to %s, want a %s to %s", message.Kind, message.To, kind, to)
	}
	return message
}

// lines is what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps what is written.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns all that was written.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// browser sends requests as a page of the server's origin makes a browser do, and keeps cookies.
type browser struct {
	s       *server
	mu      sync.Mutex
	cookies map[string]string
	header  http.Header // Sent with each request; Origin is the server's unless the test deletes it.
}

func (s *server) browser() *browser {
	return &browser{s: s, cookies: map[string]string{}, header: http.Header{"Origin": {s.url}}}
}

// signUp creates a user, name@example.com with the password of tests, and returns a browser that is signed in.
func (s *server) signUp(t *testing.T, name string) *browser {
	t.Helper()
	b := s.browser()
	b.post(t, "/sign-up/email", object{"name": name, "email": name + "@example.com", "password": password}).ok(t)
	return b
}

// signIn returns a browser in which a user is signed in.
func (s *server) signIn(t *testing.T, name string) *browser {
	t.Helper()
	b := s.browser()
	b.post(t, "/sign-in/email", object{"email": name + "@example.com", "password": password}).ok(t)
	return b
}

// object is a JSON object.
type object = map[string]any

// post sends a body, which may be nil, to an endpoint.
func (b *browser) post(t *testing.T, path string, body any) *answer {
	t.Helper()
	a, err := b.try(http.MethodPost, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// get calls an endpoint; the path may have a query. A whole URL, such as that of a mail, is taken as it is.
func (b *browser) get(t *testing.T, path string) *answer {
	t.Helper()
	a, err := b.try(http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// transport sends requests. Its time is long enough on a busy machine, and an end for a request that waits for what never comes.
var transport = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// try sends a request from any goroutine. Redirects are not followed.
func (b *browser) try(method, path string, body any) (*answer, error) {
	target := path
	if strings.HasPrefix(path, "/") {
		target = b.s.url + "/api/auth" + path
	}
	var reader io.Reader
	if body != nil {
		text, ok := body.(string)
		if !ok {
			encoded, err := json.Marshal(body)
			if err != nil {
				return nil, err
			}
			text = string(encoded)
		}
		reader = strings.NewReader(text)
	}
	r, err := http.NewRequest(method, target, reader)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	r.Header = b.header.Clone()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := transport.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	b.s.known.ofRequest(r, body)
	b.s.known.ofResponse(res, text)
	b.mu.Lock()
	defer b.mu.Unlock()
	set := map[string]bool{}
	for _, c := range res.Cookies() {
		if set[c.Name] {
			return nil, fmt.Errorf("%s %s sets the cookie %s twice", method, path, c.Name)
		}
		set[c.Name] = true
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return &answer{method: method, path: path, status: res.StatusCode, header: res.Header, cookies: res.Cookies(), body: text}, nil
}

// signedIn tells whether get-session knows the browser.
func (b *browser) signedIn(t *testing.T) bool {
	t.Helper()
	return string(b.get(t, "/get-session").ok(t).body) != "null"
}

// answer is the response to a request.
type answer struct {
	method, path string
	status       int
	header       http.Header
	cookies      []*http.Cookie
	body         []byte
}

// ok fails the test unless the status is 200.
func (a *answer) ok(t *testing.T) *answer {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("%s %s = %d %s, want 200", a.method, a.path, a.status, a.body)
	}
	return a
}

// is fails the test unless the status and the whole body are these. The body is compared as JSON.
func (a *answer) is(t *testing.T, status int, body string) *answer {
	t.Helper()
	if a.status != status || compact(a.body) != compact([]byte(body)) {
		t.Fatalf("%s %s = %d %s, want %d %s", a.method, a.path, a.status, a.body, status, body)
	}
	return a
}

// refused fails the test unless the answer is an error with a status and a code; "" for one without.
func (a *answer) refused(t *testing.T, status int, code string) *answer {
	t.Helper()
	var e struct {
		Code string `json:"code"`
	}
	if len(a.body) > 0 {
		a.decode(t, &e)
	}
	if a.status != status || e.Code != code {
		t.Fatalf("%s %s = %d %s, want %d %s", a.method, a.path, a.status, a.body, status, code)
	}
	return a
}

// redirects fails the test unless the answer sends the browser to a URL.
func (a *answer) redirects(t *testing.T, to string) *answer {
	t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusFound || got != to {
		t.Fatalf("%s %s = %d to %q %s, want 302 to %q", a.method, a.path, a.status, got, a.body, to)
	}
	return a
}

// decode decodes the body.
func (a *answer) decode(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%s %s = %d %s: %v", a.method, a.path, a.status, a.body, err)
	}
}

// field returns the value at a path such as "user.email", "" for null or if there is none.
func (a *answer) field(t *testing.T, path string) string {
	t.Helper()
	var v any
	a.decode(t, &v)
	for name := range strings.SplitSeq(path, ".") {
		members, _ := v.(map[string]any)
		v = members[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// cookie returns the cookie that the answer sets, by its name without prefix; nil if there is none.
func (a *answer) cookie(name string) *http.Cookie {
	for _, c := range a.cookies {
		if strings.TrimPrefix(c.Name, "__Secure-") == "better-auth."+name {
			return c
		}
	}
	return nil
}

func compact(body []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return string(body)
	}
	return out.String()
}

// query returns a query: query("token", x, "callbackURL", y).
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return "?" + values.Encode()
}

// must returns the value of a call that has to succeed.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// check fails the test if there is an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// race calls fn n times at the same time and returns what each call returned.
func race[T any](n int, fn func(i int) T) []T {
	results := make([]T, n)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-start
			results[i] = fn(i)
		})
	}
	close(start)
	done.Wait()
	return results
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is what a command writes while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs serve with arguments until the test calls stop, which returns the exit code.
func start(t *testing.T, args ...string) (url string, out *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = &output{}
	done := make(chan int, 1)
	go func() { done <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), io.Discard, out) }()
	stop = func() int {
		cancel()
		select {
		case code := <-done:
			done <- code
			return code
		case <-time.After(30 * time.Second):
			t.Fatalf("the server does not stop:\n%s", out)
			return -1
		}
	}
	t.Cleanup(func() { stop() })
	ready := regexp.MustCompile(`msg="the app is ready" url=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if m := ready.FindStringSubmatch(out.String()); m != nil {
			return m[1], out, stop
		}
	}
	t.Fatalf("the server does not start:\n%s", out)
	return "", nil, nil
}

// newPost returns a request with JSON that a page of an origin sends.
func newPost(t *testing.T, url, origin string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", origin)
	return r
}

// statusOf sends a request and returns the status of the answer.
func statusOf(t *testing.T, r *http.Request) int {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestServe: a request that is under way when the server is told to stop is answered.
func TestServe(t *testing.T) {
	t.Parallel()
	url, out, stop := start(t, "--database", "sqlite:"+filepath.Join(t.TempDir(), "app.db"), "--migrate")
	body, w := io.Pipe()
	r := newPost(t, url+"/api/auth/sign-up/email", url, body)
	r.Header.Set("Expect", "100-continue") // The first part of the body is sent when the server reads it.
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: 20 * time.Second, DisableKeepAlives: true}}
	answered := make(chan string, 1)
	go func() {
		res, err := client.Do(r)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		answered <- fmt.Sprint(res.StatusCode, " ", string(text), " ", err)
	}()
	if _, err := io.WriteString(w, `{"name":"Ada","email":"ada@example.com",`); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan int, 1)
	go func() { stopped <- stop() }()
	for !strings.Contains(out.String(), "the app stops") {
		time.Sleep(5 * time.Millisecond)
	}
	if res, err := http.Get(url); err == nil { //nolint:noctx // It must fail.
		_ = res.Body.Close()
		t.Error("the server takes a new request")
	}
	if _, err := io.WriteString(w, `"password":"correct horse"}`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; !strings.HasPrefix(got, "200 ") || !strings.Contains(got, `"locale":"en"`) {
		t.Errorf("the request under way: %s", got)
	}
	if code := <-stopped; code != 0 {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

// TestServeRateLimit: requests are counted, unless the environment says off.
func TestServeRateLimit(t *testing.T) {
	for setting, want := range map[string]int{"": http.StatusTooManyRequests, "off": http.StatusUnauthorized} {
		t.Setenv("AUTH_RATE_LIMIT", setting)
		url, _, stop := start(t)
		last := 0
		for range 4 { // A client may sign in three times in ten seconds.
			last = statusOf(t, newPost(t, url+"/api/auth/sign-in/email", url, strings.NewReader(`{"email":"ada@example.com","password":"correct horse"}`)))
		}
		if last != want {
			t.Errorf("AUTH_RATE_LIMIT=%q: the fourth sign-in is answered %d, want %d", setting, last, want)
		}
		stop()
	}
}

// TestServePage: the page and its scripts are there, also under the other name of the machine.
func TestServePage(t *testing.T) {
	t.Parallel()
	url, _, _ := start(t)
	for path, want := range map[string]string{"/": "<title>", "/page.js": "sign-up", "/auth-client.js": "function", "/api/auth/ok": `{"ok":true}`} {
		res, err := http.Get(url + path) //nolint:noctx,gosec // A server of the test.
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(bufio.NewReader(res.Body))
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %v, want %q in\n%.200s", path, res.StatusCode, err, want, text)
		}
	}
	var tried []string
	for origin, want := range map[string]int{
		url: http.StatusOK,
		strings.Replace(url, "127.0.0.1", "localhost", 1): http.StatusOK,
		"http://localhost:1":                              http.StatusForbidden,
	} {
		body := strings.NewReader(fmt.Sprintf(`{"name":"Ada","email":"ada%d@example.com","password":"correct horse"}`, len(tried)))
		tried = append(tried, origin)
		if got := statusOf(t, newPost(t, url+"/api/auth/sign-up/email", origin, body)); got != want {
			t.Errorf("sign-up from %s: %d, want %d", origin, got, want)
		}
	}
}

// TestServeSettings: what is wrong with the settings is told, and nothing is served.
func TestServeSettings(t *testing.T) {
	for _, test := range []struct {
		name, value string
		args        string
		want        string
	}{
		{"AUTH_RATE_LIMIT", "maybe", "", `AUTH_RATE_LIMIT: "maybe" is neither on nor off`},
		{"AUTH_REQUIRE_EMAIL_VERIFICATION", "ja", "", `AUTH_REQUIRE_EMAIL_VERIFICATION: "ja" is neither on nor off`},
		{"AUTH_COOKIE_CACHE", "cbor", "", `Session.CookieCache.Strategy: "cbor" is none of compact, jwt, jwe`},
		{"AUTH_ENCRYPT_TOKENS", "maybe", "", `AUTH_ENCRYPT_TOKENS: "maybe" is neither on nor off`},
		{"AUTH_DELETE_USER", "maybe", "", `AUTH_DELETE_USER: "maybe" is neither at-once nor off`},
		{"REDIS_URL", "foo", "", "REDIS_URL is not a URL"},
		{"REDIS_URL", "redis://:s3cr3t-word@127.0.0.1:1/0", "", "REDIS_URL: the Redis on 127.0.0.1:1 cannot be used"},
		{"AGENTUITY_BASE_URL", "foo", "", `BaseURL: "foo" is not an http or https URL`},
		{"AUTH_TRUSTED_PROXIES", "abc", "", `TrustedProxies: trusted proxy "abc"`},
		{"AGENTUITY_AUTH_SECRET", "short", "--production", "Secret: it has 5 characters"},
		{"AGENTUITY_AUTH_SECRET", "", "--production", "Secret: there is none"},
		{"AGENTUITY_AUTH_SECRETS", "s3cr3t-word", "", "Secrets: AGENTUITY_AUTH_SECRETS: entry 1 does not begin with a version"},
		{"DATABASE_URL", "foo", "", "the database URL is not one of"},
		{"DATABASE_URL", "sqlite:" + filepath.Join(t.TempDir(), "app.db"), "", "start with --migrate to create the tables"},
		{"DATABASE_URL", "postgres://u:s3cr3t-word@127.0.0.1:1/x", "", "connection refused"},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Setenv(test.name, test.value)
			out := &output{}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			code := run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, strings.Fields(test.args)...), io.Discard, out)
			if text := out.String(); code != 1 || !strings.Contains(text, test.want) || strings.Contains(text, "s3cr3t-word") || strings.Contains(text, "ready") {
				t.Errorf("exit %d, want 1 and %q in\n%s", code, test.want, text)
			}
		})
	}
}
